"""What the endpoints of one app share."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from serving.database import Database
from serving.keys.service import KeyService
from serving.metrics import Metrics
from serving.pages.render import Renderer
from serving.pages.service import PageService
from serving.rate import RateLimit
from serving.scoring.engine import Engine
from serving.scoring.service import ScoringService
from serving.settings import Settings


@dataclass(frozen=True, slots=True)
class Services:
    """Built once by `create_app`, found on the app by every request."""

    settings: Settings
    database: Database
    metrics: Metrics
    engine: Engine
    keys: KeyService
    scoring: ScoringService
    pages: PageService
    page_rate: RateLimit
    renderer: Renderer


def services_of(request: Request) -> Services:
    services = request.app.state.services
    assert isinstance(services, Services)
    return services
