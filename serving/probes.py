"""Addresses for those who run the server: is it alive, is it ready, how is it doing."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from serving.actors import Actor
from serving.keys.auth import require
from serving.openapi import problems
from serving.policy import Action
from serving.services import services_of

router = APIRouter(tags=["Running it"])


class Health(BaseModel):
    """The process answers."""

    status: str


class Readiness(BaseModel):
    """The model and the policy that answer."""

    status: str
    model: str
    policy: str


@router.get("/healthz", summary="Is the process alive?", response_description="It is.")
async def healthz() -> Health:
    """Answers 200 as soon as the process runs, before the model is loaded."""
    return Health(status="alive")


@router.get(
    "/readyz",
    summary="Can it score?",
    response_description="It can.",
    responses=problems(503),
)
async def readyz(request: Request) -> Readiness:
    """Answers 200 once the model is loaded and warmed up, and the database answers."""
    services = services_of(request)
    manifest = services.engine.classifier.manifest
    await run_in_threadpool(services.database.ping)
    return Readiness(status="ready", model=manifest.model, policy=manifest.policy)


@router.get(
    "/metrics",
    summary="Metrics for Prometheus",
    response_class=Response,
    response_description="The metrics, as text.",
    responses={200: {"content": {"text/plain": {}}}, **problems(401, 403, 429, 503)},
)
async def metrics(
    request: Request, actor: Annotated[Actor, Depends(require(Action.READ_METRICS))]
) -> Response:
    """Counts and times, no texts. Needs a key of a lead, a researcher or an admin."""
    content = services_of(request).metrics.render()
    return Response(content, media_type=CONTENT_TYPE_LATEST)
