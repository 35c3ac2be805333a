"""`/v1/score` and `/v1/score/batch`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from classifier.records import Rejection, Score
from serving.actors import Actor
from serving.body import read_model
from serving.keys.auth import require
from serving.openapi import json_body, problems
from serving.policy import Action
from serving.request_log import facts_of
from serving.scoring.disconnect import while_connected
from serving.scoring.schemas import BatchRequest, BatchResponse, ScoreRecord, ScoreRequest
from serving.scoring.service import characters, read_posts, to_post
from serving.services import services_of

router = APIRouter(prefix="/v1", tags=["Scoring"])

Scorer = Annotated[Actor, Depends(require(Action.SCORE))]


@router.post(
    "/score",
    summary="Score one post",
    response_model=ScoreRecord,
    response_description="The score record.",
    responses=problems(400, 401, 403, 413, 415, 422, 429, 503),
    openapi_extra=json_body(ScoreRequest),
)
async def score(request: Request, actor: Scorer) -> Response:
    """Answers the score record; with explain, facets and evidence too."""
    sent = await read_model(request, ScoreRequest)
    post = to_post(sent)
    facts = facts_of(request)
    facts.texts, facts.characters = 1, characters([post])
    service = services_of(request).scoring
    result = await while_connected(request, service.score_one(post, explain=sent.explain))
    return _respond(_dump(result.to_dict()))


@router.post(
    "/score/batch",
    summary="Score up to 1,000 posts",
    response_model=BatchResponse,
    response_description="One record for each post.",
    responses=problems(400, 401, 403, 413, 415, 422, 429, 503),
    openapi_extra=json_body(BatchRequest),
)
async def score_batch(request: Request, actor: Scorer) -> Response:
    """Answers a record for each post, in order: its score, or why it has none."""
    sent = await read_model(request, BatchRequest)
    rows = await run_in_threadpool(read_posts, sent.posts)
    facts = facts_of(request)
    facts.texts, facts.characters = len(rows), characters(rows)
    service = services_of(request).scoring
    results = await while_connected(request, service.score_many(rows, explain=sent.explain))
    return await run_in_threadpool(_batch, results)


def _batch(results: Sequence[Score | Rejection]) -> Response:
    # One call for all of them would keep every other thread waiting until it is done.
    records = ",".join(_dump(result.to_dict()) for result in results)
    return _respond(f'{{"results":[{records}]}}')


def _dump(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _respond(body: str) -> Response:
    return Response(body.encode(), media_type="application/json")
