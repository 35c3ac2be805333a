"""Putting the services of one app together."""

from __future__ import annotations

import os
from collections.abc import Callable

from classifier.classifier import Classifier
from classifier.errors import LurewatchError
from serving.audit.log import AuditLog
from serving.keys.service import KeyService
from serving.metrics import Metrics
from serving.migrations import open_database
from serving.pages.render import Renderer
from serving.pages.samples import load_samples
from serving.pages.service import PageService
from serving.rate import RateLimit
from serving.review.erase import ErasureService
from serving.review.exports import ExportService
from serving.review.insights import InsightsService
from serving.review.intake import IntakeService
from serving.review.queue import QueueService
from serving.review.rescore import RescoreService
from serving.review.retention import DailyRetention, RetentionService
from serving.scoring.batcher import Limits
from serving.scoring.engine import Engine
from serving.scoring.service import ScoringService
from serving.secret import check_secret, load_keyring
from serving.services import Services
from serving.settings import Settings
from serving.siblings import Siblings
from serving.users.service import UserService
from serving.users.sessions import SessionService


def build_services(
    settings: Settings,
    classifier: Classifier | None = None,
    on_failure: Callable[[LurewatchError], None] | None = None,
    siblings: Siblings | None = None,
) -> Services:
    """All of them over one database, one secret and one engine, which is not started yet.

    Raises a `StorageError` or `UsageError` where the database or the secret cannot be used.
    """
    database = open_database(settings.database_url)
    keyring = load_keyring(settings, os.environ)
    check_secret(database, keyring)
    audit = AuditLog(keyring)
    metrics = Metrics(siblings)
    engine = Engine(
        Limits(
            settings.queue_texts,
            settings.queue_characters,
            settings.patience_ms / 1000,
            settings.queue_seconds,
        ),
        metrics,
        cached=settings.cache_texts,
        folder=settings.model,
        threads=settings.threads,
        screen=settings.screen,
        classifier=classifier,
        on_failure=on_failure,
    )
    metrics.watch(
        ready=lambda: engine.ready,
        queue_texts=lambda: engine.queued_texts,
        queue_characters=lambda: engine.queued_characters,
        cache_texts=lambda: engine.cached_texts,
    )
    scoring = ScoringService(engine, metrics)
    desk = (database, audit, keyring, settings)
    return Services(
        settings=settings,
        database=database,
        keyring=keyring,
        audit=audit,
        metrics=metrics,
        engine=engine,
        keys=KeyService(database, audit),
        key_rate=RateLimit(settings.key_rate, "or ask the operator for a higher limit."),
        users=UserService(database, audit),
        sessions=SessionService(database, audit, keyring, settings),
        scoring=scoring,
        intake=IntakeService(*desk, scoring, engine),
        queue=QueueService(*desk),
        rescore=RescoreService(*desk, engine),
        insights=InsightsService(database),
        erasure=ErasureService(*desk),
        exports=ExportService(database, audit),
        retention=DailyRetention(RetentionService(database, audit, settings)),
        pages=PageService(scoring, engine, load_samples()),
        page_rate=RateLimit(settings.page_rate, "or use the API."),
        renderer=Renderer(),
    )
