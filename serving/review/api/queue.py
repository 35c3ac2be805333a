"""`/v1/queue`: what waits, and the next item."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from serving.actors import Actor
from serving.body import read_optional_model
from serving.keys.auth import require
from serving.openapi import json_body, links_to_item, problems
from serving.policy import Action
from serving.review.api.answers import Item, Queue
from serving.review.api.render import as_json, counts, item, page_of
from serving.review.api.requests import ClaimNext, QueueQuery
from serving.review.queue import QueueService
from serving.services import services_of

router = APIRouter(prefix="/v1/queue", tags=["Working the queue"])

Reviewer = Annotated[Actor, Depends(require(Action.WORK_QUEUE))]

HELD_ITEM = ("getItem", "heartbeat", "release", "skip", "decide", "escalate", "getHistory")


@router.get(
    "",
    operation_id="listQueue",
    summary="What waits",
    response_model=Queue,
    response_description="Counts, and one page of items in the order of harm.",
    responses={
        **problems(401, 403, 422, 429, 503),
        200: {"links": links_to_item("items/0/id", "getItem", "claimItem", "getHistory")},
    },
)
async def list_queue(
    request: Request, actor: Reviewer, query: Annotated[QueueQuery, Query()]
) -> Response:
    """Counts everything that waits, and lists what the filters leave."""
    return await run_in_threadpool(_listed, services_of(request).queue, actor, query)


@router.post(
    "/claim",
    operation_id="claimNext",
    summary="Claim the next item",
    response_model=Item,
    response_description="The item, yours until its lease ends.",
    responses={
        **problems(400, 401, 403, 413, 415, 422, 429, 503),
        200: {"links": links_to_item("id", *HELD_ITEM)},
        204: {"description": "Nothing that fits is waiting."},
    },
    openapi_extra=json_body(ClaimNext, required=False),
)
async def claim_next(request: Request, actor: Reviewer) -> Response:
    """Leases the free item that comes first, to you alone.

    The heartbeat keeps the lease alive; without one the item is free again by itself. A body is
    not needed.
    """
    sent = await read_optional_model(request, ClaimNext)
    queue = services_of(request).queue
    found = await run_in_threadpool(queue.claim_next, actor, sent.filters(), sent.slot)
    return Response(status_code=204) if found is None else as_json(item(found, actor))


def _listed(queue: QueueService, actor: Actor, query: QueueQuery) -> Response:
    waiting = queue.counts(actor)
    page = queue.listing(actor, query.filters(), query.state, query.cursor, query.limit)
    listed = page_of(page, actor)
    return as_json(Queue(counts=counts(waiting), items=listed.items, next=listed.next))
