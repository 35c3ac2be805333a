"""The events of an item as lines to read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from classifier.labels import Facet, Label, Route
from serving.actors import KEY, OPERATOR, SYSTEM
from serving.audit.records import EventKind
from serving.pages.review.wording import (
    ACTION_NAMES,
    JUDGEMENT_WORDS,
    QUEUED_FOR_NAMES,
    SOURCE_NAMES,
    event_words,
    moment_words,
)
from serving.pages.wording import FACET_NAMES, LABEL_NAMES, ROUTE_NAMES, percent
from serving.review.reasons import REASONS
from serving.review.records import Decided, HistoryEntry

Facts = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Line:
    """One event. `details` say what it did, each in a few words; `note` is what a person wrote."""

    what: str
    who: str
    at: datetime
    moment: str
    details: tuple[str, ...]
    note: str | None


def history_lines(entries: Iterable[HistoryEntry], names: Mapping[str, str]) -> tuple[Line, ...]:
    """The newest first. `names` are those of people, by actor id."""
    lines = [
        Line(
            what=event_words(entry.kind),
            who=who_words(entry.actor, names),
            at=entry.at,
            moment=moment_words(entry.at),
            details=tuple(_details(entry.kind, entry.facts)),
            note=entry.note,
        )
        for entry in entries
    ]
    return tuple(reversed(lines))


def who_words(actor: str, names: Mapping[str, str]) -> str:
    if actor in names:
        return names[actor]
    if actor == SYSTEM:
        return "the system"
    if actor == OPERATOR:
        return "an operator"
    return f"key {actor.removeprefix(KEY)}" if actor.startswith(KEY) else actor


def _details(kind: str, facts: Facts) -> list[str]:
    tell = _TELLERS.get(EventKind(kind))
    return tell(facts) if tell else []


def _received(facts: Facts) -> list[str]:
    scores = [
        f"{LABEL_NAMES[label]} {percent(value)}"
        for label in Label
        if isinstance(value := facts.get(label.value), float)
    ]
    route = str(facts.get("route"))
    return [*scores, ROUTE_NAMES[Route(route)]] if route in set(Route) else scores


def _queued(facts: Facts) -> list[str]:
    known = {reason.value: words for reason, words in QUEUED_FOR_NAMES.items()}
    words = known.get(str(facts.get("for")))
    return [f"for {words}"] if words else []


def _notice(facts: Facts) -> list[str]:
    known = {source.value: words for source, words in SOURCE_NAMES.items()}
    words = known.get(str(facts.get("source")))
    return [words] if words else []


def _decided(facts: Facts) -> list[str]:
    told = [
        f"{LABEL_NAMES[label]}: {JUDGEMENT_WORDS[value]}"
        for label in Label
        if (value := facts.get(label.value)) is None or isinstance(value, bool)
    ]
    facets = facts.get("facets")
    if isinstance(facets, Mapping):
        told += [FACET_NAMES[Facet(name)] for name, is_so in facets.items() if is_so]
    action, reason = str(facts.get("action")), REASONS.get(str(facts.get("reason")))
    told += [ACTION_NAMES[Decided(action)]] if action in set(Decided) else []
    return [*told, reason.words] if reason else told


def _rescored(facts: Facts) -> list[str]:
    before, after = facts.get("before"), facts.get("after")
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return []
    return [
        f"{LABEL_NAMES[label]} {percent(float(old))} → {percent(float(new))}"
        for label in Label
        if isinstance(old := before.get(label.value), int | float)
        and isinstance(new := after.get(label.value), int | float)
    ]


_TELLERS: Mapping[EventKind, Callable[[Facts], list[str]]] = MappingProxyType(
    {
        EventKind.RECEIVED: _received,
        EventKind.NEW_TEXT: _received,
        EventKind.QUEUED: _queued,
        EventKind.NOTICE: _notice,
        EventKind.DECIDED: _decided,
        EventKind.RESCORED: _rescored,
    }
)
