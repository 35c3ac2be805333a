"""`/v1/team`, `/v1/rescore`, `/v1/exports/decisions`, `/v1/audit/heads`: for who runs the queue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from serving.actors import Actor
from serving.audit.heads import read_heads, render_heads
from serving.body import read_optional_model
from serving.clock import utc_now
from serving.database import Database
from serving.keys.auth import require
from serving.openapi import LINES_TYPE, json_body, json_lines, problems
from serving.policy import Action
from serving.review.api import wire
from serving.review.api.figures import AuditHeads, DecisionLine, Rescored, Team
from serving.review.api.render import as_json
from serving.review.api.requests import Rescoring
from serving.review.exports import DecisionRecord
from serving.services import services_of

LINES_AT_ONCE = 100

router = APIRouter(prefix="/v1", tags=["Running the queue"])


@router.get(
    "/team",
    operation_id="getTeam",
    summary="The team's figures",
    response_model=Team,
    response_description="Figures of what waits and of what was decided.",
    responses=problems(401, 403, 422, 429, 503),
)
async def get_team(
    request: Request,
    actor: Annotated[Actor, Depends(require(Action.READ_TEAM))],
    days: Annotated[int, Query(ge=1, le=366, description="How far back.")] = 30,
) -> Response:
    """Throughput, what waits longest, what nobody reads, and how often the model was wrong."""
    figures = await run_in_threadpool(services_of(request).insights.team, days)
    return as_json(Team.of(figures))


@router.post(
    "/rescore",
    operation_id="rescore",
    summary="Score open items anew",
    response_model=Rescored,
    response_description="What changed, or would change.",
    responses=problems(400, 401, 403, 413, 415, 422, 429, 503),
    openapi_extra=json_body(Rescoring, required=False),
)
async def rescore(
    request: Request, actor: Annotated[Actor, Depends(require(Action.RESCORE))]
) -> Response:
    """After a change of model or policy. Without a body, or with `dry_run`, nothing is changed.

    Takes a part of the items at a time: send its `next` as `after` until that is null. Both scores
    are kept, and no decision of a person is touched.
    """
    sent = await read_optional_model(request, Rescoring)
    report = await services_of(request).rescore.run(
        actor, sent.dry_run, after=sent.after or "", limit=sent.limit
    )
    return as_json(Rescored.of(report))


@router.get(
    "/exports/decisions",
    operation_id="exportDecisions",
    summary="Decisions to train on",
    response_class=StreamingResponse,
    response_description="JSON Lines: one decision a line, the oldest first.",
    responses={**problems(401, 403, 422, 429, 503), 200: json_lines(DecisionLine)},
)
async def export_decisions(
    request: Request,
    actor: Annotated[Actor, Depends(require(Action.EXPORT))],
    since: Annotated[wire.Moment | None, Query(description="Final from then on.")] = None,
) -> Response:
    """Streams all final decisions whose texts are not erased. That it was asked for is logged.

    With the moment of the export before as `since`, every decision comes once it is final.
    """
    records = await run_in_threadpool(services_of(request).exports.decisions, actor, since)
    return StreamingResponse(_chunks(records), media_type=LINES_TYPE)


@router.get(
    "/audit/heads",
    operation_id="getAuditHeads",
    summary="Signed heads of the audit log",
    response_model=AuditHeads,
    response_description="One head for each lane, none before the first event.",
    responses=problems(401, 403, 429, 503),
)
async def get_audit_heads(
    request: Request, actor: Annotated[Actor, Depends(require(Action.READ_AUDIT))]
) -> Response:
    """To be kept where whoever can change the database cannot."""
    body = await run_in_threadpool(_heads, services_of(request).database, utc_now())
    return Response(body, media_type="application/json")


def _chunks(records: Iterator[DecisionRecord]) -> Iterator[str]:
    """Several lines at a time: each chunk is a trip to another thread."""
    while lines := "".join(record.to_json() for record in islice(records, LINES_AT_ONCE)):
        yield lines


def _heads(database: Database, now: datetime) -> str:
    with database.read() as session:
        return render_heads(read_heads(session), now)
