"""The team page: how much was done, what waits, who saw how much, and how good the model is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from serving.actors import Actor
from serving.clock import utc_now
from serving.pages.guard import signed_in
from serving.pages.languages import language_name
from serving.pages.review import wording
from serving.pages.review.charts import Part, columns, every_day, parts
from serving.pages.review.frame import PageRoute, show
from serving.pages.wording import LABEL_NAMES, percent
from serving.policy import Action
from serving.review.insights import MIN_DECISIONS, LabelDecisions, Share, TeamFigures, Waiting
from serving.review.records import Decided
from serving.services import services_of

router = APIRouter(include_in_schema=False, route_class=PageRoute)

TeamReader = Annotated[Actor, Depends(signed_in(Action.READ_TEAM))]

SPANS = (7, 30, 90)
"""The days that can be looked back."""

_LANGUAGES_DRAWN = 12


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in large, what it counts, and more words under it."""

    name: str
    value: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A name, its count, and how long its bar is of 100; without one for what is no one thing."""

    name: str
    value: int
    length: float | None


@dataclass(frozen=True, slots=True)
class LabelChart:
    """How one label was judged."""

    name: str
    parts: tuple[Part, ...]
    true: int
    false: int
    cannot_tell: int


@router.get("/review/team")
def show_team(request: Request, actor: TeamReader, days: int = 30) -> Response:
    span = days if days in SPANS else 30
    figures = services_of(request).insights.team(span)
    now = utc_now()
    by_day = columns(every_day(figures.decided_by_day, figures.since.date(), now.date()))
    return show(
        request,
        "team.html",
        "Team",
        span=span,
        spans=SPANS,
        done=_done(figures),
        waits=_waits(figures, now),
        model=_model(figures),
        by_day=by_day,
        most=max((column.value for column in by_day), default=0),
        by_label=[_label(LABEL_NAMES[label], of) for label, of in figures.decided_by_label.items()],
        by_language=_bars(figures.decided_by_language),
        by_action=[
            (wording.ACTION_NAMES[action], figures.decided_by_action.get(action, 0))
            for action in Decided
        ],
        unreadable=[
            (language_name(tag), wording.number(waiting.count), _age(waiting, now))
            for tag, waiting in sorted(figures.unreadable.items(), key=lambda pair: -pair[1].count)
        ],
        exposure=figures.exposure,
    )


def _done(figures: TeamFigures) -> list[Figure]:
    minutes = figures.median_minutes_to_decision
    return [
        Figure("Decided", wording.number(figures.decided), "final decisions"),
        Figure(
            "Time to decision",
            "–" if minutes is None else wording.span_words(timedelta(minutes=minutes)),
            "from joining the queue; half took less" if figures.decided else "no decision yet",
        ),
    ]


def _waits(figures: TeamFigures, now: datetime) -> list[Figure]:
    unreadable = sum(waiting.count for waiting in figures.unreadable.values())
    return [
        _waiting("Waiting", figures.open, now),
        _waiting("Escalated", figures.escalated, now),
        Figure("Nobody can read", wording.number(unreadable), "see the languages below"),
        _waiting("Skipped, still waiting", figures.passed_over, now),
    ]


def _model(figures: TeamFigures) -> list[Figure]:
    flagged, overturned = figures.flagged, figures.overturned
    return [
        Figure(
            "Overturned",
            percent(overturned / flagged) if flagged else "–",
            f"{wording.number(overturned)} of {wording.number(flagged)} that the model flagged",
        ),
        Figure("Missed, estimated", *_missed(figures.missed)),
    ]


def _missed(share: Share | None) -> tuple[str, str]:
    """Of what the model cleared. From few posts only the interval is told, which is wide."""
    if share is None:
        return "–", "no post of the random sample has been decided yet"
    interval = f"{percent(share.low)} to {percent(share.high)} with 95\u202f% confidence"
    drawn = f"{wording.number(share.count)} post{'s' if share.count > 1 else ''} drawn at random"
    if share.count < MIN_DECISIONS:
        return "–", f"of what the model cleared: {interval}, from {drawn} so far"
    return percent(share.share), f"of what the model cleared; {interval}, from {drawn}"


def _label(name: str, of: LabelDecisions) -> LabelChart:
    drawn = parts(
        [("yes", of.true, "yes"), ("can't tell", of.cannot_tell, "unclear"), ("no", of.false, "no")]
    )
    return LabelChart(name, drawn, of.true, of.false, of.cannot_tell)


def _bars(counts: Mapping[str, int]) -> list[Bar]:
    """The languages with most decisions; the rest together."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    rest = sum(count for _, count in ordered[_LANGUAGES_DRAWN:])
    shown = ordered[:_LANGUAGES_DRAWN]
    most = max((count for _, count in shown), default=0)
    bars = [Bar(language_name(tag), count, 100 * count / most) for tag, count in shown]
    return [*bars, Bar("All others", rest, None)] if rest else bars


def _waiting(name: str, waiting: Waiting, now: datetime) -> Figure:
    oldest = f"the oldest for {_age(waiting, now)}" if waiting.oldest else "nothing waits"
    return Figure(name, wording.number(waiting.count), oldest)


def _age(waiting: Waiting, now: datetime) -> str:
    return wording.span_words(now - waiting.oldest) if waiting.oldest else ""
