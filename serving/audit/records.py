"""What is written to the audit log and what a check of it finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    """What happened."""

    RECEIVED = "received"
    QUEUED = "queued"
    NOTICE = "notice"
    REACH = "reach"
    CLAIMED = "claimed"
    RELEASED = "released"
    SKIPPED = "skipped"
    DECIDED = "decided"
    UNDONE = "undone"
    ESCALATED = "escalated"
    RESCORED = "rescored"
    NEW_TEXT = "new_text"
    ERASED = "erased"
    VIEWED = "viewed"
    EXPORTED = "exported"
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    USER_CREATED = "user_created"
    USER_DISABLED = "user_disabled"
    LANGUAGES_SET = "languages_set"
    SESSIONS_ENDED = "sessions_ended"
    LINK_MADE = "link_made"
    PASSWORD_SET = "password_set"
    KEY_CREATED = "key_created"
    KEY_REVOKED = "key_revoked"


@dataclass(frozen=True, slots=True)
class Draft:
    """An event to be written. `body` holds JSON values: ids, numbers and marks, never a text.

    `at` has a zone; a moment without one raises `ValueError`, since it would be sealed as another.
    """

    kind: EventKind
    actor: str
    at: datetime
    item_id: str | None = None
    item_version: int | None = None
    body: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("the moment of an event needs a time zone")


@dataclass(frozen=True, slots=True)
class SignedHead:
    """The end of a lane at some moment. `mac` is that of the event at `position`."""

    lane: int
    position: int
    mac: str
    key_id: str
    signature: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """The first row of a lane that is not as it was written.

    `event_id` is None where no row is to be seen: an event that was dropped, or a head.
    """

    event_id: int | None
    lane: int
    position: int
    problem: str

    def __str__(self) -> str:
        event = "no event" if self.event_id is None else f"event {self.event_id}"
        return f"lane {self.lane}, position {self.position}, {event}: {self.problem}"


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """`events` were found as written; `bad` holds the first bad row of each lane that has one."""

    events: int
    lanes: int
    bad: tuple[BadRow, ...]
