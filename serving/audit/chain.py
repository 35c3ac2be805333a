"""How an event is sealed to the one before it, and how the end of a lane is signed.

Everything is sealed as a JSON array, which no two different rows share. The keys are derived from
the installation's secret, which is not in the database.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

EVENT_KEY = "audit event"
HEAD_KEY = "audit head"

NO_MAC = ""
"""What stands for the seal before the first event of a lane."""

_ENCODER = json.JSONEncoder(separators=(",", ":"))
_FORMAT = 1  # stands in every seal; another way of sealing takes another number


@dataclass(frozen=True, slots=True)
class Sealed:
    """What the seal of an event covers: everything but the number that the database gave it."""

    lane: int
    position: int
    kind: str
    actor: str
    at: str
    item_id: str | None
    item_version: int | None
    body: str
    key_id: str

    def mac(self, key: bytes, previous: str) -> str:
        """HMAC-SHA256 over the row and the seal before it, 64 hexadecimal digits.

        Raises `TypeError` for a row with a value that no event can have, such as raw bytes.
        """
        fields = (
            self.lane,
            self.position,
            self.kind,
            self.actor,
            self.at,
            self.item_id,
            self.item_version,
            self.body,
            self.key_id,
        )
        return _mac(key, *fields, previous)


def head_signature(key: bytes, lane: int, position: int, mac: str, key_id: str) -> str:
    """HMAC-SHA256 over where a lane ends, 64 hexadecimal digits."""
    return _mac(key, lane, position, mac, key_id)


def canonical_body(body: Mapping[str, object]) -> str:
    """`body` as JSON in one way of several, in ASCII; raises `TypeError` or `ValueError`."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical_moment(at: datetime) -> str:
    """`at` in UTC to the microsecond, which is what both databases keep."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


def _mac(key: bytes, *fields: object) -> str:
    return hmac.digest(key, _ENCODER.encode((_FORMAT, *fields)).encode("ascii"), "sha256").hex()
