"""One item with all that happened to it, and the search for items."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import QueryParams
from starlette.responses import Response

from classifier.labels import LABELS, Label
from serving.actors import Actor
from serving.body import scrub
from serving.clock import utc_now
from serving.pages.guard import signed_in
from serving.pages.review import wording
from serving.pages.review.choices import Choice, Select
from serving.pages.review.frame import PageRoute, show
from serving.pages.review.history import who_words
from serving.pages.review.shelf import author_entries, card_of, entry, history_of
from serving.pages.wording import FACET_NAMES, LABEL_NAMES
from serving.policy import Action
from serving.review.reasons import REASONS
from serving.review.records import Decided, ItemView, PostKind, SearchQuery, State
from serving.services import services_of

router = APIRouter(include_in_schema=False, route_class=PageRoute)

Reader = Annotated[Actor, Depends(signed_in(Action.READ_ITEM))]
Searcher = Annotated[Actor, Depends(signed_in(Action.SEARCH))]

_TEXT_FIELDS = ("words", "platform", "post_id", "language")
_LONGEST_FIELD = 200

_SELECTS = (
    Select("state", "State", [Choice(state, wording.STATE_NAMES[state]) for state in State]),
    Select("label", "Flagged for", [Choice(label, LABEL_NAMES[label]) for label in LABELS]),
    Select("kind", "Kind", [Choice(kind, wording.KIND_NAMES[kind]) for kind in PostKind]),
    Select("action", "Decision", [Choice(a, wording.ACTION_NAMES[a]) for a in Decided]),
)


@router.get("/review/items/{item_id}")
def show_item(request: Request, actor: Reader, item_id: str) -> Response:
    services = services_of(request)
    whole = services.queue.whole(actor, item_id)
    item = whole.item
    people = [item.outcome.actor] if item.outcome else []
    names = services.users.names([*people, item.lease.owner] if item.lease else people)
    waits = item.state in (State.OPEN, State.ESCALATED)
    return show(
        request,
        "item.html",
        "Search",
        item=item,
        card=card_of(services, item),
        state=wording.STATE_NAMES[item.state],
        queued_for=item.queued_for and wording.QUEUED_FOR_NAMES[item.queued_for],
        decision=_decision(item),
        decided_by=who_words(item.outcome.actor, names) if item.outcome else "",
        holder=who_words(item.lease.owner, names) if item.lease else "",
        is_mine=item.lease is not None and item.lease.owner == actor.id,
        waits=waits,
        may_claim=waits and item.lease is None,
        history=history_of(services, whole),
        entries=author_entries(whole),
    )


@router.get("/review/search")
def search(request: Request, actor: Searcher, cursor: str = "") -> Response:
    """The form, and what it finds once something was asked."""
    params = request.query_params
    asked = {name: value for name in params if name != "cursor" and (value := params[name].strip())}
    found, next_page = None, ""
    if asked:
        page = services_of(request).queue.search(actor, _query(params), cursor or None)
        now = utc_now()
        found = [entry(item, now) for item in page.items]
        next_page = urlencode({**asked, "cursor": page.next_cursor}) if page.next_cursor else ""
    return show(
        request,
        "search.html",
        "Search",
        asked=asked,
        found=found,
        next_page=next_page,
        is_first=not cursor,
        selects=[replace(select, chosen=asked.get(select.name, "")) for select in _SELECTS],
    )


def _query(params: QueryParams) -> SearchQuery:
    words, platform, post_id, language = (_text(params, name) for name in _TEXT_FIELDS)
    state, label, kind, action = (
        params.get(name, "") for name in ("state", "label", "kind", "action")
    )
    return SearchQuery(
        words=words,
        platform=platform,
        post_id=post_id,
        state=State(state) if state in set(State) else None,
        label=Label(label) if label in set(Label) else None,
        languages=frozenset({language}) if language else None,
        kind=PostKind(kind) if kind in set(PostKind) else None,
        action=Decided(action) if action in set(Decided) else None,
        received_from=_day(params.get("from", "")),
        # The form says "to" a day and means that day too.
        received_before=_day(params.get("before", ""), plus=timedelta(days=1)),
    )


def _text(params: QueryParams, name: str) -> str | None:
    return scrub(params.get(name, "")).strip()[:_LONGEST_FIELD] or None


def _day(text: str, plus: timedelta = timedelta(0)) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) + plus
    except (ValueError, OverflowError):
        return None


def _decision(item: ItemView) -> list[tuple[str, str]]:
    """What was decided, as names and words."""
    if item.outcome is None:
        return []
    judgement = item.outcome.judgement
    kinds = [FACET_NAMES[facet] for facet, is_so in (judgement.facets or {}).items() if is_so]
    reason = REASONS.get(judgement.reason)
    rows = [
        ("Action", wording.ACTION_NAMES[judgement.action]),
        *(
            (LABEL_NAMES[label], wording.JUDGEMENT_WORDS[judgement.labels.get(label)])
            for label in LABELS
        ),
        ("Kind", ", ".join(kinds)),
        ("Reason", reason.words if reason else judgement.reason),
        ("Note", judgement.note or ""),
        ("Decided", wording.moment_words(item.outcome.at)),
    ]
    return [(name, words) for name, words in rows if words]
