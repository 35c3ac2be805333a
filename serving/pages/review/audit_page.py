"""The audit page: the signed ends of the log, its last events, and its check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlalchemy import select
from starlette.responses import Response

from serving.actors import Actor
from serving.audit.heads import read_heads
from serving.audit.models import Event
from serving.audit.records import VerifyReport
from serving.audit.verify import verify
from serving.clock import utc_now
from serving.pages.guard import csrf_checked, signed_in
from serving.pages.review import wording
from serving.pages.review.frame import PageRoute, show
from serving.pages.review.history import who_words
from serving.policy import Action
from serving.services import services_of

router = APIRouter(include_in_schema=False, route_class=PageRoute)

AuditReader = Annotated[Actor, Depends(signed_in(Action.READ_AUDIT))]

_EVENTS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event of the log as the page lists it. `place` is its lane and position."""

    moment: str
    what: str
    who: str
    item_id: str
    place: str


@router.get("/review/audit")
def show_audit(request: Request, actor: AuditReader) -> Response:
    return _page(request)


@router.post("/review/audit/verify", dependencies=[Depends(csrf_checked)])
def verify_log(request: Request, actor: AuditReader) -> Response:
    """Check the whole log; on a large one this takes a while, which the button says."""
    services = services_of(request)
    return _page(request, verify(services.database, services.keyring))


def _page(request: Request, report: VerifyReport | None = None) -> Response:
    services = services_of(request)
    with services.database.read() as session:
        heads = read_heads(session)
        newest = select(Event).order_by(Event.id.desc()).limit(_EVENTS_SHOWN)
        events = session.scalars(newest).all()
        session.expunge_all()
    # Not before the connection is given back: waiting for a second one, each would keep its first.
    names = services.users.names({event.actor for event in events})
    return show(
        request,
        "audit.html",
        "Audit",
        heads=heads,
        total=wording.number(sum(head.position for head in heads)),
        report=report,
        checked=wording.number(report.events) if report else "",
        now=wording.moment_words(utc_now()),
        events=[_row(event, names) for event in events],
    )


def _row(event: Event, names: Mapping[str, str]) -> EventRow:
    return EventRow(
        moment=wording.moment_words(event.at),
        what=wording.event_words(event.kind),
        who=who_words(event.actor, names),
        item_id=event.item_id or "",
        place=f"{event.lane}.{event.position}",
    )
