"""An item's state as it follows from its events: the one place that says what an event does."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from serving.audit.models import Event
from serving.audit.records import Draft, EventKind
from serving.review.records import QueuedFor, State


@dataclass(frozen=True, slots=True)
class Standing:
    """The columns of an item's row, all but its id; `serving.review.models.Item` describes them.

    `lease_until` is what the claim said: a heartbeat moves the row's, and leaves no event.
    """

    platform: str
    post_mark: str
    author_mark: str | None
    kind: str
    source: str
    reach: int | None
    posted_at: datetime | None
    received_at: datetime
    text_version: int
    text_mark: str
    characters: int
    version: int
    state: str
    queued_for: str | None
    queued_at: datetime | None
    sampling_probability: float
    language: str
    smuggling_service: float
    fake_job: float
    flagged_smuggling_service: bool
    flagged_fake_job: bool
    route: str
    facet: str | None
    model: str
    policy: str
    rank_harm: float
    rank_doubt: float
    rank_age: float
    lease_owner: str | None = None
    lease_until: datetime | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    final_at: datetime | None = None
    action: str | None = None
    reason: str | None = None
    judged_smuggling_service: bool | None = None
    judged_fake_job: bool | None = None
    erased_at: datetime | None = None


_NO_LEASE: Mapping[str, Any] = {"lease_owner": None, "lease_until": None}
_NO_DECISION: Mapping[str, Any] = {
    "decided_by": None,
    "decided_at": None,
    "final_at": None,
    "action": None,
    "reason": None,
    "judged_smuggling_service": None,
    "judged_fake_job": None,
}


def fold(events: Iterable[Draft]) -> Standing:
    """The standing after all `events` of one item; raises `ValueError` where there are none."""
    standing: Standing | None = None
    for event in events:
        standing = after(standing, event)
    if standing is None:
        raise ValueError("an item without events does not exist")
    return standing


def after(standing: Standing | None, event: Draft) -> Standing:
    """The standing once `event` happened; raises `ValueError` for one that cannot happen."""
    body: dict[str, Any] = dict(event.body or {})
    if event.kind is EventKind.RECEIVED:
        return Standing(
            version=_version(event),
            state=State.CLEARED.value,
            received_at=event.at,
            text_version=1,
            queued_for=None,
            queued_at=None,
            **{**body, "posted_at": _moment(body["posted_at"])},
        )
    if standing is None:
        raise ValueError(f"{event.kind} cannot be the first event of an item")
    if event.item_version is None:
        return standing  # someone looked, and nothing changed
    return replace(standing, version=event.item_version, **_changes(standing, event, body))


def read_event(row: Event) -> Draft:
    return Draft(
        EventKind(row.kind), row.actor, row.at, row.item_id, row.item_version, json.loads(row.body)
    )


def _changes(standing: Standing, event: Draft, body: dict[str, Any]) -> Mapping[str, Any]:
    """The columns that `event` sets beside the version."""
    escalated = standing.state == State.ESCALATED
    match event.kind:
        case EventKind.NEW_TEXT:
            return {
                **body,
                **_NO_LEASE,
                **_NO_DECISION,
                "posted_at": _moment(body["posted_at"]),
                "received_at": event.at,
                "text_version": standing.text_version + 1,
                "erased_at": None,
                # What a person handed to the leads stays with them.
                **({} if escalated else _left_queue()),
            }
        case EventKind.QUEUED:
            return {
                "state": standing.state if escalated else State.OPEN.value,
                "queued_for": body["for"],
                "queued_at": _moment(body.get("since")) or event.at,
            }
        case EventKind.NOTICE:
            joins = standing.state == State.CLEARED
            return {
                "source": body["source"],
                **body["columns"],
                **(_joined_queue(event.at) if joins else {}),
            }
        case EventKind.REACH:
            return dict(body["columns"])
        case EventKind.CLAIMED:
            return {"lease_owner": event.actor, "lease_until": _moment(body["until"])}
        case EventKind.RELEASED | EventKind.SKIPPED:
            return _NO_LEASE
        case EventKind.DECIDED:
            return {
                **_NO_LEASE,
                "state": State.DECIDED.value,
                "decided_by": event.actor,
                "decided_at": event.at,
                "final_at": _moment(body["final_at"]),
                "action": body["action"],
                "reason": body["reason"],
                "judged_smuggling_service": body["smuggling_service"],
                "judged_fake_job": body["fake_job"],
            }
        case EventKind.UNDONE:
            return {
                **_NO_DECISION,
                "state": body["state"],
                "lease_owner": event.actor,
                "lease_until": _moment(body["until"]),
            }
        case EventKind.ESCALATED:
            return {**_NO_LEASE, "state": State.ESCALATED.value}
        case EventKind.RESCORED:
            return {**body["after"], **_placed_anew(body)}
        case EventKind.ERASED:
            waits = standing.state in (State.OPEN, State.ESCALATED)
            return {"erased_at": event.at, **_NO_LEASE, **(_left_queue() if waits else {})}
    raise ValueError(f"{event.kind} is not an event of an item")


def _joined_queue(at: datetime) -> Mapping[str, Any]:
    return {
        "state": State.OPEN.value,
        "queued_for": QueuedFor.NOTICE.value,
        "queued_at": at,
        "sampling_probability": 1.0,
    }


def _left_queue() -> Mapping[str, Any]:
    return {"state": State.CLEARED.value, "queued_for": None, "queued_at": None}


def _placed_anew(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a new score does to the place of an item that its old score had queued."""
    if "queued_for" not in body:
        return {}
    stays = body["queued_for"] is not None
    return {
        **({"queued_for": body["queued_for"]} if stays else _left_queue()),
        "sampling_probability": body["sampling_probability"],
    }


def _version(event: Draft) -> int:
    if event.item_version is None:
        raise ValueError(f"{event.kind} needs a version")
    return event.item_version


def _moment(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
