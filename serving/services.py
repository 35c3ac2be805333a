"""What the endpoints of one app share."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from serving.audit.log import AuditLog
from serving.database import Database
from serving.keys.service import KeyService
from serving.metrics import Metrics
from serving.pages.render import Renderer
from serving.pages.service import PageService
from serving.rate import RateLimit
from serving.review.erase import ErasureService
from serving.review.exports import ExportService
from serving.review.insights import InsightsService
from serving.review.intake import IntakeService
from serving.review.queue import QueueService
from serving.review.rescore import RescoreService
from serving.review.retention import DailyRetention
from serving.scoring.engine import Engine
from serving.scoring.service import ScoringService
from serving.secret import Keyring
from serving.settings import Settings
from serving.users.service import UserService
from serving.users.sessions import SessionService


@dataclass(frozen=True, slots=True)
class Services:
    """Built once by `create_app`, found on the app by every request."""

    settings: Settings
    database: Database
    keyring: Keyring
    audit: AuditLog
    metrics: Metrics
    engine: Engine
    keys: KeyService
    key_rate: RateLimit
    users: UserService
    sessions: SessionService
    scoring: ScoringService
    intake: IntakeService
    queue: QueueService
    rescore: RescoreService
    insights: InsightsService
    erasure: ErasureService
    exports: ExportService
    retention: DailyRetention
    pages: PageService
    page_rate: RateLimit
    renderer: Renderer


def services_of(request: Request) -> Services:
    services = request.app.state.services
    assert isinstance(services, Services)
    return services
