"""`/v1/posts` and `/v1/notices`: what platforms hand in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from classifier.errors import MalformedRowError
from classifier.records import Rejection
from serving.actors import Actor
from serving.body import read_model
from serving.keys.auth import require
from serving.openapi import json_body, links_to_item, problems
from serving.policy import Action
from serving.request_log import facts_of
from serving.review.api.answers import AcceptedPost, AcceptedPosts
from serving.review.api.render import accepted_post, as_json, rejected_post
from serving.review.api.submissions import NoticeOfPost, PostsBatch, PostSubmission
from serving.review.records import Accepted, Submission
from serving.scoring.disconnect import while_connected
from serving.scoring.schemas import ErrorRecord
from serving.services import services_of

router = APIRouter(prefix="/v1", tags=["Handing in posts"])

PlatformKey = Annotated[Actor, Depends(require(Action.SUBMIT_POSTS))]

_PROBLEMS = problems(400, 401, 403, 413, 415, 422, 429, 503)
_LINKS = links_to_item("item_id", "getItem", "getHistory", "claimItem", "eraseItem")


@router.post(
    "/posts",
    operation_id="submitPost",
    summary="Hand in a post",
    response_model=AcceptedPost,
    response_description="It is taken in. The same post again is answered the same.",
    responses={**_PROBLEMS, 200: {"links": _LINKS}},
    openapi_extra=json_body(PostSubmission),
)
async def submit_post(request: Request, actor: PlatformKey) -> Response:
    """Scores the post, keeps it, and queues it where its score says so.

    A post is known again by its `post_id`. Unchanged, it is the same item and the same answer; with
    another text, its item gets a new version. Another platform's post is refused with 403.
    """
    sent = await read_model(request, PostSubmission)
    submission = sent.to_record(_platform(actor, sent.platform))
    _count(request, [submission])
    intake = services_of(request).intake
    found = await while_connected(request, intake.submit(actor, submission))
    return as_json(accepted_post(submission.post_id, found))


@router.post(
    "/posts/batch",
    operation_id="submitPosts",
    summary="Hand in up to 1,000 posts",
    response_model=AcceptedPosts,
    response_description="One record for each post.",
    responses={**_PROBLEMS, 200: {"links": links_to_item("results/0/item_id", "getItem")}},
    openapi_extra=json_body(PostsBatch),
)
async def submit_posts(request: Request, actor: PlatformKey) -> Response:
    """Answers for each post, in order: what became of it, or why it could not be taken."""
    sent = await read_model(request, PostsBatch)
    rows = await run_in_threadpool(_read_rows, actor, sent.posts)
    submissions = [row for row in rows if isinstance(row, Submission)]
    _count(request, submissions)
    intake = services_of(request).intake
    answers = await while_connected(request, intake.submit_many(actor, submissions))
    return await run_in_threadpool(_batch, rows, answers)


@router.post(
    "/notices",
    operation_id="submitNotice",
    summary="Hand in a notice of a post",
    response_model=AcceptedPost,
    response_description="The post is in front of a person, or one has decided about it before.",
    responses={**_PROBLEMS, **problems(404), 200: {"links": _LINKS}},
    openapi_extra=json_body(NoticeOfPost),
)
async def submit_notice(request: Request, actor: PlatformKey) -> Response:
    """Queues the post whatever its score. One that was handed in before needs no text again."""
    sent = await read_model(request, NoticeOfPost)
    notice = sent.to_record(_platform(actor, sent.platform))
    _count(request, [notice.post] if notice.post else [])
    intake = services_of(request).intake
    found = await while_connected(request, intake.notice(actor, notice))
    return as_json(accepted_post(notice.post_id, found))


def _platform(actor: Actor, sent: str | None) -> str:
    """The one that was sent, which the intake checks, or the key's own."""
    assert actor.platform is not None  # the policy lets platforms alone hand in posts
    return sent or actor.platform


def _count(request: Request, submissions: Sequence[Submission]) -> None:
    facts = facts_of(request)
    facts.texts = len(submissions)
    facts.characters = sum(len(sent.text) + len(sent.title or "") for sent in submissions)


def _read_rows(actor: Actor, items: Sequence[Any]) -> list[Submission | Rejection]:
    return [_read_row(actor, item, place) for place, item in enumerate(items, start=1)]


def _read_row(actor: Actor, item: Any, place: int) -> Submission | Rejection:
    sent_id = item.get("post_id") if isinstance(item, dict) else None
    post_id = str(sent_id) if type(sent_id) in (str, int) else str(place)
    try:
        sent = PostSubmission.model_validate(item)
    except ValidationError as error:
        found = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'the post'}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        )
        return Rejection(post_id, MalformedRowError(f"{found}."))
    if sent.platform not in {None, actor.platform}:
        return Rejection(post_id, MalformedRowError("platform: not the one this key belongs to."))
    return sent.to_record(_platform(actor, sent.platform))


def _batch(
    rows: Sequence[Submission | Rejection], answers: Sequence[Accepted | Rejection]
) -> Response:
    remaining = iter(answers)
    results: list[AcceptedPost | ErrorRecord] = []
    for place, row in enumerate(rows, start=1):
        found = next(remaining) if isinstance(row, Submission) else row
        if isinstance(found, Rejection):
            results.append(rejected_post(found, place))
        else:
            assert isinstance(row, Submission)
            results.append(accepted_post(row.post_id, found))
    return as_json(AcceptedPosts(results=results))
