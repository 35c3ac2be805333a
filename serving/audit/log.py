"""Writing to the audit log."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import asdict

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from serving.audit.chain import EVENT_KEY, NO_MAC, Sealed, canonical_body, canonical_moment
from serving.audit.heads import BEGUN, is_signed, lock_heads, sign_head, was_begun
from serving.audit.models import Event
from serving.audit.records import Draft, SignedHead
from serving.errors import AuditLogDamagedError
from serving.secret import Keyring

LANES = 16
"""Chains that stand side by side, so that writers seldom wait for each other.

Fixed for the life of a database: the lane of an item follows from it.
"""


class AuditLog:
    """The log of one installation. Holds no connection; thread-safe."""

    def __init__(self, keyring: Keyring, lanes: int = LANES) -> None:
        self._keyring = keyring
        self._lanes = lanes

    def append(self, session: Session, *drafts: Draft) -> None:
        """Write `drafts`, in this order, in the transaction of `session`.

        Locks the lanes it needs, in ascending order, until the transaction ends. Two calls in one
        transaction could lock them crosswise with another's: make one, last of all. Raises
        `AuditLogDamagedError` where a head is missing or is not the one that was signed, since to
        go on from it would hide what was done to it.
        """
        drafts_of: dict[int, list[Draft]] = {}
        for draft in drafts:
            drafts_of.setdefault(self.lane(draft), []).append(draft)
        rows: list[dict[str, object]] = []
        ends: list[dict[str, object]] = []
        for head in self._lock(session, sorted(drafts_of)):
            position, mac = head.position, head.mac
            for draft in drafts_of[head.lane]:
                position += 1
                row = self._row(draft, head.lane, position, mac)
                mac = str(row["mac"])
                rows.append(row)
            ends.append(asdict(sign_head(self._keyring, head.lane, position, mac)))
        if rows:
            session.execute(insert(Event), rows)
            session.execute(_MOVE_HEAD, ends)

    def lock(self, session: Session, item_id: str) -> None:
        """Lock the lane of an item until the transaction ends, which appends to no other one.

        For events that say what the time is: a moment read after it is not spent on waiting.
        """
        self._lock(session, [self._lane_of(item_id)])

    def lane(self, draft: Draft) -> int:
        """All events of an item share a lane, all others of an actor share one too."""
        return self._lane_of(draft.actor if draft.item_id is None else draft.item_id)

    def _lane_of(self, subject: str) -> int:
        digest = hashlib.sha256(subject.encode()).digest()
        return int.from_bytes(digest[:8], "big") % self._lanes

    def _row(self, draft: Draft, lane: int, position: int, previous: str) -> dict[str, object]:
        sealed = Sealed(
            lane=lane,
            position=position,
            kind=draft.kind.value,
            actor=draft.actor,
            at=canonical_moment(draft.at),
            item_id=draft.item_id,
            item_version=draft.item_version,
            body=canonical_body(draft.body),
            key_id=self._keyring.key_id,
        )
        return {
            "lane": lane,
            "position": position,
            "kind": sealed.kind,
            "actor": sealed.actor,
            "at": draft.at,
            "item_id": sealed.item_id,
            "item_version": sealed.item_version,
            "body": sealed.body,
            "key_id": sealed.key_id,
            "mac": sealed.mac(self._keyring.key(EVENT_KEY), previous),
        }

    def _lock(self, session: Session, lanes: Collection[int]) -> tuple[SignedHead, ...]:
        heads = lock_heads(session, lanes)
        if len(heads) < len(lanes):
            if not was_begun(session):
                self._begin(session)
            heads = lock_heads(session, lanes)
        if len(heads) < len(lanes):
            raise AuditLogDamagedError(f"heads of the log are missing: {_NOTHING_ADDED}")
        for head in heads:
            if not is_signed(self._keyring, head):
                raise AuditLogDamagedError(
                    f"no secret in use here has signed the head of lane {head.lane}. Give every "
                    f"server the same secrets; if they have them: {_NOTHING_ADDED}"
                )
        return heads

    def _begin(self, session: Session) -> None:
        """Sign the heads of all lanes, once: a head that is missing later was taken away.

        Transactions that come here together wait for the first and leave its heads as they are.
        """
        heads = [asdict(sign_head(self._keyring, lane, 0, NO_MAC)) for lane in range(self._lanes)]
        session.execute(_ADD_HEAD, heads)
        session.execute(_ADD_DEPLOYMENT, {"name": BEGUN, "value": str(self._lanes)})


_NOTHING_ADDED = (
    "nothing is added to a log that was changed, since that would hide it. `lurewatch audit "
    "verify` shows what was done; put back a backup."
)
_ADD_HEAD = text(
    "INSERT INTO heads (lane, position, mac, key_id, signature) "
    "VALUES (:lane, :position, :mac, :key_id, :signature) ON CONFLICT DO NOTHING"
)
_MOVE_HEAD = text(
    "UPDATE heads SET position = :position, mac = :mac, key_id = :key_id, signature = :signature "
    "WHERE lane = :lane"
)
_ADD_DEPLOYMENT = text(
    "INSERT INTO deployment (name, value) VALUES (:name, :value) ON CONFLICT DO NOTHING"
)
