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
from serving.body import BodyLimit
from serving.headers import SecurityHeaders
from serving.keys.service import KeyService
from serving.metrics import Metrics
from serving.migrations import open_database
from serving.openapi import install_openapi
from serving.pages import endpoints as pages
from serving.pages.render import STATIC_FOLDER, Renderer
from serving.pages.samples import load_samples
from serving.pages.service import PageService
from serving.problems import install_handlers
from serving.rate import RateLimit
from serving.request_log import RequestLog
from serving.scoring import endpoints as scoring
from serving.scoring.batcher import Limits
from serving.scoring.engine import Engine
from serving.scoring.service import ScoringService
from serving.services import Services
from serving.settings import Settings

API_VERSION = "1"
"""Of the addresses under /v1, not of the package."""


def create_app(
    settings: Settings,
    classifier: Classifier | None = None,
    *,
    on_failure: Callable[[LurewatchError], None] | None = None,
) -> FastAPI:
    """The application for `settings`, with `classifier` or the model that the settings name.

    The database is opened here, and created where it is new; raises a `StorageError` or
    `UsageError` where it cannot be used. The model is loaded after the start, while /readyz
    answers 503; where that fails `on_failure` is told.
    """
    services = _build_services(settings, classifier, on_failure)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        services.engine.start()
        yield
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
    app.include_router(probes.router)
    app.include_router(pages.router)
    app.mount("/static", _LastingFiles(directory=STATIC_FOLDER))
    install_handlers(app)
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


def _build_services(
    settings: Settings,
    classifier: Classifier | None,
    on_failure: Callable[[LurewatchError], None] | None,
) -> Services:
    database = open_database(settings.database_url)
    metrics = Metrics()
    engine = Engine(
        Limits(settings.queue_texts, settings.queue_characters, settings.patience_ms / 1000),
        metrics,
        folder=settings.model,
        threads=settings.threads,
        classifier=classifier,
        on_failure=on_failure,
    )
    metrics.watch(
        ready=lambda: engine.ready,
        queue_texts=lambda: engine.queued_texts,
        queue_characters=lambda: engine.queued_characters,
    )
    service = ScoringService(engine, metrics)
    return Services(
        settings=settings,
        database=database,
        metrics=metrics,
        engine=engine,
        keys=KeyService(database),
        scoring=service,
        pages=PageService(service, engine, load_samples()),
        page_rate=RateLimit(settings.page_rate),
        renderer=Renderer(),
    )
