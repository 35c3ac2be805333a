"""`/v1/items`: looking items up, and what is done with one."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from serving.actors import Actor
from serving.body import read_model, read_optional_model
from serving.errors import NotFoundError
from serving.keys.auth import require
from serving.openapi import Responses, json_body, links_to_item, problems
from serving.policy import Action, Role
from serving.review.api.answers import ErasedItem, History, Item, Items, Lease, PlatformItem
from serving.review.api.queue import HELD_ITEM, Reviewer
from serving.review.api.render import as_json, history, item, lease, page_of, platform_item
from serving.review.api.requests import Decision, Escalation, ItemsQuery, Skipping
from serving.review.queue import QueueService
from serving.services import services_of

router = APIRouter(prefix="/v1/items", tags=["Working the queue"])

_ID = r"[A-Za-z0-9_-]{1,24}"

_READ = problems(401, 403, 404, 429, 503)
_ACT = problems(401, 403, 404, 409, 429, 503)
_SEND = problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503)
_HELD: Responses = {200: {"links": links_to_item("id", *HELD_ITEM)}}


async def an_item_id(
    item_id: Annotated[str, Path(json_schema_extra={"pattern": f"^{_ID}$"})],
) -> str:
    """The id in the address; raises `NotFoundError` for one that no item can have."""
    if not re.fullmatch(_ID, item_id):
        raise NotFoundError("no item has an id like this one.")
    return item_id


ItemId = Annotated[str, Depends(an_item_id)]


@router.get(
    "",
    operation_id="searchItems",
    summary="Look for items",
    response_model=Items,
    response_description="One page of items, the newest first.",
    responses={
        **problems(401, 403, 422, 429, 503),
        200: {"links": links_to_item("items/0/id", "getItem", "getHistory")},
    },
)
async def search_items(
    request: Request,
    actor: Annotated[Actor, Depends(require(Action.SEARCH))],
    query: Annotated[ItemsQuery, Query()],
) -> Response:
    """Finds items in every state, what was cleared and what was decided too."""
    return await run_in_threadpool(_found, services_of(request).queue, actor, query)


@router.get(
    "/{item_id}",
    operation_id="getItem",
    summary="One item",
    response_model=Item | PlatformItem,
    response_description="The item; to its platform, without who does what.",
    responses=_READ,
)
async def get_item(
    request: Request,
    actor: Annotated[Actor, Depends(require(Action.READ_ITEM))],
    item_id: ItemId,
) -> Response:
    """A platform sees its own items, and a decision once it is final."""
    found = await run_in_threadpool(services_of(request).queue.view, actor, item_id)
    if actor.role is Role.PLATFORM:
        return as_json(platform_item(found))
    return as_json(item(found, actor))


@router.delete(
    "/{item_id}",
    operation_id="eraseItem",
    summary="Erase a post",
    response_model=ErasedItem,
    response_description="What was removed; nothing, if it was erased before.",
    responses=_READ,
)
async def erase_item(
    request: Request, actor: Annotated[Actor, Depends(require(Action.ERASE))], item_id: ItemId
) -> Response:
    """Removes the post's texts, title, id and address, and all notes, for good.

    Its scores and decisions stay, and the audit log stays whole. An item that waits leaves the
    queue.
    """
    found = await run_in_threadpool(services_of(request).erasure.erase, actor, item_id)
    return as_json(ErasedItem(item_id=item_id, texts=found.texts, notes=found.notes))


@router.get(
    "/{item_id}/history",
    operation_id="getHistory",
    summary="What happened to an item",
    response_model=History,
    response_description="Its events, the oldest first.",
    responses=_READ,
)
async def get_history(request: Request, actor: Reviewer, item_id: ItemId) -> Response:
    """Every event of the audit log that concerns the item, as far as notes are not erased."""
    events = await run_in_threadpool(services_of(request).queue.history, actor, item_id)
    return as_json(history(events))


@router.post(
    "/{item_id}/claim",
    operation_id="claimItem",
    summary="Claim this item",
    response_model=Item,
    response_description="The item, yours until its lease ends.",
    responses={**_ACT, **_HELD},
)
async def claim_item(request: Request, actor: Reviewer, item_id: ItemId) -> Response:
    """Leases the item to you alone, if it waits and nobody holds it."""
    found = await run_in_threadpool(services_of(request).queue.claim, actor, item_id)
    return as_json(item(found, actor))


@router.post(
    "/{item_id}/heartbeat",
    operation_id="heartbeat",
    summary="Keep an item",
    response_model=Lease,
    response_description="The lease, renewed.",
    responses=_ACT,
)
async def heartbeat(request: Request, actor: Reviewer, item_id: ItemId) -> Response:
    """Renews your lease. 409 says that it was lost, and to whom."""
    found = await run_in_threadpool(services_of(request).queue.heartbeat, actor, item_id)
    return as_json(lease(found, actor))


@router.post(
    "/{item_id}/release",
    operation_id="release",
    summary="Give an item back",
    status_code=204,
    response_description="It is free again.",
    responses=_ACT,
)
async def release(request: Request, actor: Reviewer, item_id: ItemId) -> Response:
    """Ends your lease. The item may come to you again."""
    await run_in_threadpool(services_of(request).queue.release, actor, item_id)
    return Response(status_code=204)


@router.post(
    "/{item_id}/skip",
    operation_id="skip",
    summary="Pass an item on",
    status_code=204,
    response_description="It is free again, for others.",
    responses=_SEND,
    openapi_extra=json_body(Skipping, required=False),
)
async def skip(request: Request, actor: Reviewer, item_id: ItemId) -> Response:
    """Ends your lease; the next claims bring other items. A body is not needed."""
    sent = await read_optional_model(request, Skipping)
    await run_in_threadpool(services_of(request).queue.skip, actor, item_id, sent.reason)
    return Response(status_code=204)


@router.post(
    "/{item_id}/decision",
    operation_id="decide",
    summary="Decide",
    response_model=Item,
    response_description="The item with your decision.",
    responses={**_SEND, 200: {"links": links_to_item("id", "undo", "getItem", "getHistory")}},
    openapi_extra=json_body(Decision),
)
async def decide(request: Request, actor: Reviewer, item_id: ItemId) -> Response:
    """Decides about the version of the item that you were shown, while you hold it.

    Otherwise 409 says what happened meanwhile. A removal needs a label that is true.
    """
    sent = await read_model(request, Decision)
    queue = services_of(request).queue
    found = await run_in_threadpool(queue.decide, actor, item_id, sent.version, sent.to_record())
    return as_json(item(found, actor))


@router.post(
    "/{item_id}/undo",
    operation_id="undo",
    summary="Take a decision back",
    response_model=Item,
    response_description="The item, yours again.",
    responses={**_ACT, **_HELD},
)
async def undo(request: Request, actor: Reviewer, item_id: ItemId) -> Response:
    """Takes your own decision back, as long as it is not final."""
    found = await run_in_threadpool(services_of(request).queue.undo, actor, item_id)
    return as_json(item(found, actor))


@router.post(
    "/{item_id}/escalate",
    operation_id="escalate",
    summary="Hand an item to the leads",
    response_model=Item,
    response_description="The item, waiting for a lead.",
    responses={**_SEND, 200: {"links": links_to_item("id", "getItem", "claimItem")}},
    openapi_extra=json_body(Escalation),
)
async def escalate(request: Request, actor: Reviewer, item_id: ItemId) -> Response:
    """Ends your lease; from here on leads and admins alone can claim it."""
    sent = await read_model(request, Escalation)
    queue = services_of(request).queue
    found = await run_in_threadpool(queue.escalate, actor, item_id, sent.version, sent.note)
    return as_json(item(found, actor))


def _found(queue: QueueService, actor: Actor, query: ItemsQuery) -> Response:
    page = queue.search(actor, query.query(), query.cursor, query.limit)
    return as_json(page_of(page, actor))
