"""The web application: what it is made of, how it starts and how it stops."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from classifier.classifier import Classifier
from classifier.errors import LurewatchError
from serving import probes
from serving.assembly import build_services
from serving.body import BodyLimit
from serving.headers import SecurityHeaders
from serving.openapi import install_openapi
from serving.pages import endpoints as pages
from serving.pages import sign_in
from serving.pages.refusals import install_refusals
from serving.pages.render import STATIC_FOLDER
from serving.pages.review import endpoints as review_pages
from serving.problems import install_handlers
from serving.request_log import RequestLog
from serving.review.api import items, posts, queue, reports
from serving.scoring import endpoints as scoring
from serving.settings import Settings
from serving.siblings import Siblings

API_VERSION = "1"
"""Of the addresses under /v1, not of the package."""


def create_app(
    settings: Settings,
    classifier: Classifier | None = None,
    *,
    on_failure: Callable[[LurewatchError], None] | None = None,
    siblings: Siblings | None = None,
) -> FastAPI:
    """The application for `settings`, with `classifier` or the model that the settings name.

    The database is opened here, and created where it is new; raises a `StorageError` or
    `UsageError` where it cannot be used. The model is loaded after the start, while /readyz
    answers 503; where that fails `on_failure` is told. With `siblings`, /metrics has theirs too.
    """
    services = build_services(settings, classifier, on_failure, siblings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        services.engine.start()
        services.retention.start()
        services.metrics.start()
        yield
        services.metrics.stop()
        await services.retention.stop()
        await services.engine.stop()
        await run_in_threadpool(services.database.dispose)

    app = FastAPI(
        title="Lurewatch",
        version=API_VERSION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # Spans and logs of the framework would carry what was sent.
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    app.state.services = services
    app.include_router(scoring.router)
    app.include_router(posts.router)
    app.include_router(queue.router)
    app.include_router(items.router)
    app.include_router(reports.router)
    app.include_router(probes.router)
    app.include_router(pages.router)
    app.include_router(sign_in.router)
    app.include_router(review_pages.router)
    app.mount("/static", _LastingFiles(directory=STATIC_FOLDER))
    install_handlers(app)
    install_refusals(app)
    install_openapi(app)
    # The last one added is the outermost.
    app.add_middleware(BodyLimit)
    app.add_middleware(RequestLog, metrics=services.metrics)
    app.add_middleware(SecurityHeaders)
    return app


class _LastingFiles(StaticFiles):
    """Files whose addresses change with their content, so that browsers may keep them."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
