"""Conditions on items that several queries share."""

from __future__ import annotations

from sqlalchemy import ColumnElement, literal_column

from classifier.labels import Label
from serving.review.models import Item
from serving.review.records import QueuedFor, State

FLAGGED: dict[Label, ColumnElement[bool]] = {
    Label.SMUGGLING_SERVICE: Item.flagged_smuggling_service.is_(True),
    Label.FAKE_JOB: Item.flagged_fake_job.is_(True),
}


def in_state(state: State) -> ColumnElement[bool]:
    return Item.state == _constant(state.value)


def is_sample() -> ColumnElement[bool]:
    return Item.queued_for == _constant(QueuedFor.SAMPLE.value)


def _constant(value: str) -> ColumnElement[str]:
    # A partial index serves a query only where its condition is seen to hold before values are.
    return literal_column(f"'{value}'")
