"""What a notice of a post, or word that more people saw it, does to its item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from classifier.records import Score
from serving.audit.records import EventKind
from serving.review import repository
from serving.review.changes import Change, Changes
from serving.review.models import Item
from serving.review.placement import Rules, rank_columns, rescored, score_columns
from serving.review.records import Source, State, stronger
from serving.review.score_json import as_stored, read_score


@dataclass(frozen=True, slots=True)
class News:
    """What is said of a post beside its text: by whom, how many saw it, and what a notice says."""

    source: Source
    reach: int | None = None
    note: str | None = None


def is_notice(item: Item, source: Source) -> bool:
    """Whether `source` asks for a person where nobody who counts as much has asked before."""
    if source is Source.VOLUNTARY:
        return False
    return item.state == State.CLEARED or stronger(Source(item.source), source) != item.source


def is_larger_reach(item: Item, reach: int | None) -> bool:
    return reach is not None and (item.reach is None or reach > item.reach)


class Urgency:
    """Writes in the transaction of `changes`, in the name of `actor`, as of `at`."""

    def __init__(self, changes: Changes, actor: str, at: datetime, rules: Rules) -> None:
        self._changes = changes
        self._session: Session = changes.session
        self._actor = actor
        self._at = at
        self._rules = rules

    def notice(self, item: Item, news: News, explained: Score | None) -> None:
        """Put `item` in front of a person, and note who asked.

        `explained` is the score of its current text with facets and evidence, for an item that has
        none. A decision that a person has taken about this text stands.
        """
        columns: dict[str, object] = {}
        if explained is not None:
            columns = self._explain(item, explained)
        source = stronger(Source(item.source), news.source)
        reach = _larger(item.reach, news.reach)
        columns |= {"reach": reach, **self._ranks(item, source, reach)}
        body = {"source": source.value, "from": news.source.value, "columns": columns}
        self._apply(item, EventKind.NOTICE, body, news.note)

    def spread(self, item: Item, reach: int) -> None:
        """Rank `item` for a larger `reach`. It does not wait for a person because of that."""
        ranks = self._ranks(item, Source(item.source), reach)
        self._apply(item, EventKind.REACH, {"columns": {"reach": reach, **ranks}}, None)

    def _apply(
        self, item: Item, kind: EventKind, body: Mapping[str, object], note: str | None
    ) -> None:
        self._changes.apply(item, Change(kind, self._actor, self._at, body, note))
        self._session.flush()

    def _explain(self, item: Item, score: Score) -> dict[str, object]:
        """Add what the explanation says to the score that stands; or take the newer model's."""
        score = as_stored(score, item.id)
        if (score.model, score.policy) == (item.model, item.policy):
            standing = self._score(item)
            score = replace(standing, facets=score.facets, evidence=score.evidence)
        else:
            body = rescored(item, score, self._rules)
            self._changes.apply(item, Change(EventKind.RESCORED, self._actor, self._at, body))
        repository.put_score(self._session, item, score, self._at)
        self._session.flush()
        return {"facet": score_columns(score)["facet"]}

    def _ranks(self, item: Item, source: Source, reach: int | None) -> dict[str, float]:
        return rank_columns(
            self._score(item),
            self._rules,
            source=source,
            reach=reach,
            characters=item.characters,
            waiting_since=item.queued_at or self._at,
        )

    def _score(self, item: Item) -> Score:
        return read_score(repository.score_rows(self._session, [item])[item.id].record)


def _larger(one: int | None, other: int | None) -> int | None:
    return max((reach for reach in (one, other) if reach is not None), default=None)
