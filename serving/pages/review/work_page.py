"""The queue page: before the first post, and with a post in hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from fastapi import Request
from starlette.responses import Response

from classifier.labels import LABELS
from serving.actors import Actor
from serving.clock import utc_now
from serving.errors import InvalidRequestError
from serving.pages.guard import signed_in_browser
from serving.pages.languages import language_name
from serving.pages.review import wording
from serving.pages.review.choices import ACTIONS, LABEL_FORMS, LAWFUL, Choice, Select
from serving.pages.review.forms import WAITING_HOURS, Answers, Narrowing, read_narrowing
from serving.pages.review.frame import show
from serving.pages.review.shelf import author_entries, card_of, history_of
from serving.pages.wording import LABEL_NAMES
from serving.policy import Action, may
from serving.review.desk import ITEM_ID
from serving.review.insights import Exposure
from serving.review.records import MAX_NOTE_CHARACTERS, Decided, ItemView, PostKind
from serving.services import Services, services_of

_HISTORY_SHOWN = 5
_ENTRIES_SHOWN = 4
_EXPOSURE_HOURS = 8


@dataclass(frozen=True, slots=True)
class Done:
    """The decision just made, as the address carries it: enough to offer taking it back."""

    item_id: str
    action: Decided
    final_at: datetime

    def __str__(self) -> str:
        return f"{self.item_id}.{self.action}.{int(self.final_at.timestamp())}"


@dataclass(frozen=True, slots=True)
class Top:
    """The line above the post: the filter, and how much was seen in the last `hours`."""

    filters: list[Select]
    exposure: Exposure
    hours: int


@dataclass(frozen=True, slots=True)
class UndoBar:
    """The offer to take a decision back, and for how many more seconds it stands."""

    item_id: str
    words: str
    seconds: int


def start_page(request: Request, actor: Actor) -> Response:
    """What waits, for whom, and the button to begin."""
    services = services_of(request)
    counts = services.queue.counts(actor)
    languages = sorted(counts.open_by_language.items(), key=lambda pair: (-pair[1], pair[0]))
    narrowing = read_narrowing(request.query_params)
    return show(
        request,
        "start.html",
        "Queue",
        narrowing=narrowing,
        top=_top(services, actor, narrowing),
        waiting=wording.number(counts.open),
        claimed=wording.number(counts.claimed),
        escalated=wording.number(counts.escalated),
        languages=[
            (language_name(tag), wording.number(count), _reads(actor, tag))
            for tag, count in languages
        ],
        strategy=wording.STRATEGY_MEANINGS[services.settings.queue_strategy],
        nothing="none" in request.query_params,
        rest=_count(request.query_params.get("rest")),
        undo=_undo_bar(request.query_params.get("done"), utc_now()),
    )


def work_page(
    request: Request,
    actor: Actor,
    item_id: str,
    *,
    held: Sequence[ItemView] = (),
    narrowing: Narrowing | None = None,
    answers: Answers | None = None,
    error: InvalidRequestError | None = None,
) -> Response:
    """The post with the form to decide it; after an `error`, with what had been filled in."""
    services = services_of(request)
    now = utc_now()
    person = signed_in_browser(request).user
    whole = services.queue.whole(actor, item_id)
    item, history, entries = whole.item, history_of(services, whole), author_entries(whole)
    lease = item.lease if item.lease and item.lease.owner == actor.id else None
    narrowing = narrowing or read_narrowing(request.query_params)
    return show(
        request,
        "work.html",
        "Queue",
        status=422 if error else 200,
        narrowing=narrowing,
        top=_top(services, actor, narrowing),
        card=card_of(services, item),
        item=item,
        seconds=seconds_left(lease.until, now) if lease else 0,
        lease_minutes=ceil((lease.until - now).total_seconds() / 60) if lease else 0,
        others_held=[view.id for view in held if view.id != item.id],
        history=history[:_HISTORY_SHOWN],
        more_history=max(0, len(history) - _HISTORY_SHOWN),
        entries=entries[:_ENTRIES_SHOWN],
        more_entries=max(0, len(entries) - _ENTRIES_SHOWN),
        answers=answers or Answers(),
        error=error,
        label_forms=LABEL_FORMS,
        actions=ACTIONS,
        lawful=LAWFUL,
        note_limit=MAX_NOTE_CHARACTERS,
        blind=person.hide_score and answers is None,
        veiled=person.preview_first and answers is None,
        undo=_undo_bar(request.query_params.get("done"), now),
    )


def seconds_left(until: datetime, now: datetime) -> int:
    return max(0, int((until - now).total_seconds()))


def _top(services: Services, actor: Actor, narrowing: Narrowing) -> Top:
    languages = services.engine.classifier.manifest.languages
    return Top(
        filters=_filters(actor, narrowing, languages),
        exposure=services.insights.exposure(actor.id, _EXPOSURE_HOURS),
        hours=_EXPOSURE_HOURS,
    )


def _filters(actor: Actor, narrowing: Narrowing, languages: Sequence[str]) -> list[Select]:
    readable = sorted(actor.languages or languages, key=language_name)
    hours = [
        Choice(str(number), f"{wording.span_words(timedelta(hours=number))} or more")
        for number in WAITING_HOURS
    ]
    selects = [
        Select("label", "Label", [Choice(label, LABEL_NAMES[label]) for label in LABELS]),
        Select("language", "Language", [Choice(tag, language_name(tag)) for tag in readable]),
        Select("kind", "Kind", [Choice(kind, wording.KIND_NAMES[kind]) for kind in PostKind]),
        Select("hours", "Waiting", hours),
    ]
    if may(actor.role, Action.DECIDE_ESCALATED):
        selects.append(Select("escalated", "For", [Choice("1", "Leads: escalated posts")]))
    return [replace(select, chosen=getattr(narrowing, select.name)) for select in selects]


def _reads(actor: Actor, tag: str) -> bool:
    return actor.languages is None or tag in actor.languages


def _undo_bar(done: str | None, now: datetime) -> UndoBar | None:
    """The bar for the `done` of an address; whether it may be undone is asked when it is."""
    item_id, _, rest = (done or "").partition(".")
    action, _, moment = rest.partition(".")
    known = ITEM_ID.fullmatch(item_id) and action in set(Decided)
    if not (known and moment.isascii() and moment.isdigit()):
        return None
    seconds = int(moment[:12]) - int(now.timestamp())
    if not 0 < seconds <= 3600:
        return None
    return UndoBar(item_id, f"Decided: {wording.ACTION_DONE[Decided(action)]}.", seconds)


def _count(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else 0
