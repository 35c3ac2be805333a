"""Working the queue: the next post, the decision, and what else can be done with it."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import JSONResponse, RedirectResponse, Response

from serving.actors import Actor
from serving.clock import utc_now
from serving.errors import InvalidRequestError
from serving.pages.guard import csrf_checked, sent_by_itself, signed_in
from serving.pages.review.forms import (
    Narrowing,
    field_text,
    judgement_of,
    read_answers,
    read_form,
    read_narrowing,
    read_note,
    read_version,
)
from serving.pages.review.frame import PageRoute
from serving.pages.review.pauses import decisions_in_a_row, remember
from serving.pages.review.work_page import Done, seconds_left, start_page, work_page
from serving.policy import Action
from serving.services import services_of

router = APIRouter(include_in_schema=False, route_class=PageRoute)

Worker = Annotated[Actor, Depends(signed_in(Action.WORK_QUEUE))]
Form = Annotated[FormData, Depends(read_form)]
FROM_PAGE = [Depends(csrf_checked)]


@router.get("/review")
def show_queue(request: Request, actor: Worker, item: str = "") -> Response:
    """The post that the person holds; where there is none, what waits and a way to begin."""
    held = services_of(request).queue.held(actor)
    if not held or "rest" in request.query_params:
        return start_page(request, actor)
    chosen = next((view for view in held if view.id == item), held[0])
    return work_page(request, actor, chosen.id, held=held)


@router.post("/review/next", dependencies=FROM_PAGE)
def claim_next(request: Request, actor: Worker, form: Form) -> Response:
    response = _on_to_next(request, actor, read_narrowing(form))
    if field_text(form, "rested"):
        remember(request, response, 0, utc_now())
    return response


@router.post("/review/items/{item_id}/claim", dependencies=FROM_PAGE)
def claim(request: Request, actor: Worker, item_id: str) -> Response:
    view = services_of(request).queue.claim(actor, item_id)
    return _to_queue(Narrowing(), item=view.id)


@router.post("/review/items/{item_id}/decision", dependencies=FROM_PAGE)
def decide(request: Request, actor: Worker, item_id: str, form: Form) -> Response:
    """Decide, and go on to the next post or to the break that is due."""
    services = services_of(request)
    narrowing, answers = read_narrowing(form), read_answers(form)
    try:
        judgement = judgement_of(answers)
        view = services.queue.decide(actor, item_id, read_version(form), judgement)
    except InvalidRequestError as error:
        return work_page(request, actor, item_id, narrowing=narrowing, answers=answers, error=error)
    now = utc_now()
    done = Done(view.id, judgement.action, view.outcome.final_at if view.outcome else now)
    count = decisions_in_a_row(request, now) + 1
    limit = services.settings.break_after
    if limit and count >= limit:
        response = _to_queue(narrowing, done=str(done), rest=str(count))
    elif field_text(form, "then") == "stop":
        response = _to_queue(narrowing, done=str(done))
    else:
        response = _on_to_next(request, actor, narrowing, done)
    remember(request, response, count, now)
    return response


@router.post("/review/items/{item_id}/undo", dependencies=FROM_PAGE)
def undo(request: Request, actor: Worker, item_id: str, form: Form) -> Response:
    """Take the decision back; the post taken up meanwhile goes back into the queue."""
    queue = services_of(request).queue
    view = queue.undo(actor, item_id)
    for other in queue.held(actor):
        if other.id != view.id and other.id == field_text(form, "holding"):
            queue.release(actor, other.id)
    return _to_queue(read_narrowing(form), item=view.id)


@router.post("/review/items/{item_id}/skip", dependencies=FROM_PAGE)
def skip(request: Request, actor: Worker, item_id: str, form: Form) -> Response:
    services_of(request).queue.skip(actor, item_id, read_note(form, "reason") or None)
    return _on_to_next(request, actor, read_narrowing(form))


@router.post("/review/items/{item_id}/escalate", dependencies=FROM_PAGE)
def escalate(request: Request, actor: Worker, item_id: str, form: Form) -> Response:
    queue = services_of(request).queue
    queue.escalate(actor, item_id, read_version(form), read_note(form, "note") or None)
    return _on_to_next(request, actor, read_narrowing(form))


@router.post("/review/items/{item_id}/release", dependencies=FROM_PAGE)
def release(request: Request, actor: Worker, item_id: str, form: Form) -> Response:
    services_of(request).queue.release(actor, item_id)
    return _to_queue(read_narrowing(form))


@router.post(
    "/review/items/{item_id}/heartbeat", dependencies=[Depends(sent_by_itself), *FROM_PAGE]
)
def heartbeat(request: Request, actor: Worker, item_id: str) -> Response:
    """For the page's script: the seconds until the lease, now renewed, runs out."""
    lease = services_of(request).queue.heartbeat(actor, item_id)
    return JSONResponse({"seconds": seconds_left(lease.until, utc_now())})


def _on_to_next(
    request: Request, actor: Actor, narrowing: Narrowing, done: Done | None = None
) -> Response:
    queue = services_of(request).queue
    view = queue.claim_next(actor, narrowing.filters(utc_now()), narrowing.slot)
    parameters = {"done": str(done)} if done else {}
    if view is None:
        return _to_queue(narrowing, none="1", **parameters)
    return _to_queue(narrowing, item=view.id, **parameters)


def _to_queue(narrowing: Narrowing, **parameters: str) -> Response:
    # See Other: the page that follows is fetched, and reloading it sends nothing again.
    query = urlencode([*narrowing.filled(), *parameters.items()])
    return RedirectResponse(f"/review?{query}" if query else "/review", status_code=303)
