"""What the team works by: policy, thresholds, model card and server settings, for reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlalchemy import make_url
from starlette.responses import Response

from classifier.artifact import CARD
from classifier.classifier import shipped_model
from classifier.labels import FACET_LABEL, FACETS, LABELS
from serving.actors import Actor
from serving.pages.guard import csrf_checked, signed_in
from serving.pages.posted import posted_form
from serving.pages.review import wording
from serving.pages.review.forms import FACET_REASONS
from serving.pages.review.frame import PageRoute, show
from serving.pages.review.model_card import Block, read_card
from serving.pages.wording import FACET_NAMES, LABEL_NAMES, ROUTE_NAMES, percent
from serving.policy import Action, may
from serving.review.ranking import SEVERITY
from serving.review.reasons import REASONS
from serving.review.rescore import AT_ONCE
from serving.review.rescore_report import RescoreReport
from serving.services import Services, services_of
from serving.settings import ENVIRONMENT

router = APIRouter(include_in_schema=False, route_class=PageRoute)

SettingsReader = Annotated[Actor, Depends(signed_in(Action.READ_SETTINGS))]
Rescorer = Annotated[Actor, Depends(signed_in(Action.RESCORE))]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of the server: the variable that sets it, and its value."""

    variable: str
    value: str


@router.get("/review/settings")
def show_settings(request: Request, actor: SettingsReader) -> Response:
    return _page(request, actor)


@router.post("/review/settings/rescore", dependencies=[Depends(csrf_checked)])
async def rescore(request: Request, actor: Rescorer) -> Response:
    """What scoring the waiting posts anew would change; with `really` in the form, doing it."""
    really = "really" in await posted_form(request)
    report = await services_of(request).rescore.run(actor, not really, limit=AT_ONCE)
    return _page(request, actor, report)


def _page(request: Request, actor: Actor, report: RescoreReport | None = None) -> Response:
    services = services_of(request)
    manifest = services.engine.classifier.manifest
    return show(
        request,
        "settings.html",
        "Settings",
        manifest=manifest,
        thresholds=[
            (
                LABEL_NAMES[label],
                percent(manifest.thresholds[label].review),
                _percent(manifest.thresholds[label].priority),
            )
            for label in LABELS
        ],
        kinds=[
            (
                LABEL_NAMES[FACET_LABEL[facet]],
                FACET_NAMES[facet],
                REASONS[FACET_REASONS[facet]].words,
                f"{SEVERITY[facet]:g}",
            )
            for facet in FACETS
        ],
        lawful=[reason.words for reason in REASONS.values() if reason.label is None],
        actions=[
            (name, wording.ACTION_MEANINGS[action]) for action, name in wording.ACTION_NAMES.items()
        ],
        strategy=wording.STRATEGY_MEANINGS[services.settings.queue_strategy],
        card=_model_card(services),
        settings=_settings(services),
        may_rescore=may(actor.role, Action.RESCORE),
        report=report,
        flips=[]
        if report is None
        else [
            (ROUTE_NAMES[before], ROUTE_NAMES[after], wording.number(count))
            for (before, after), count in report.flipped.items()
        ],
    )


def _percent(threshold: float | None) -> str:
    return "none" if threshold is None else percent(threshold)


def _model_card(services: Services) -> tuple[Block, ...]:
    path = (services.settings.model or shipped_model()) / CARD
    return read_card(path.read_text(encoding="utf-8")) if path.is_file() else ()


def _settings(services: Services) -> list[Setting]:
    values = services.settings.model_dump(mode="json", exclude={"database_url"})
    shown = [
        Setting(variable, "not set" if values[field] is None else str(values[field]))
        for variable, field in ENVIRONMENT.items()
        if field in values
    ]
    # The address may hold a password: only the kind of database is told.
    kind = make_url(services.settings.database_url).get_backend_name()
    return [Setting("LUREWATCH_DATABASE_URL", kind), *shown]
