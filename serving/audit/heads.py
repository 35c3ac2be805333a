"""Signed heads: how far each lane goes, so that nothing can be cut off its end unseen.

Heads that are kept elsewhere show even that a lane and its head were set back together.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from classifier.errors import UsageError
from serving.audit.chain import HEAD_KEY, canonical_moment, head_signature
from serving.audit.models import Deployment, Event, Head
from serving.audit.records import SignedHead
from serving.secret import Keyring

BEGUN = "audit_log"
"""The row of `deployment` that says that there is a log, and hence heads."""


def sign_head(keyring: Keyring, lane: int, position: int, mac: str) -> SignedHead:
    """The head of `lane` where it ends at `position`, signed with the current secret."""
    key_id = keyring.key_id
    signature = head_signature(keyring.key(HEAD_KEY), lane, position, mac, key_id)
    return SignedHead(lane, position, mac, key_id, signature)


def is_signed(keyring: Keyring, head: SignedHead) -> bool:
    """Whether one of the secrets in `keyring` signed `head`."""
    if head.key_id not in keyring.key_ids:
        return False
    key = keyring.key(HEAD_KEY, head.key_id)
    try:
        expected = head_signature(key, head.lane, head.position, head.mac, head.key_id)
        return hmac.compare_digest(expected, head.signature)
    except TypeError:  # SQLite keeps whatever is put into a column, raw bytes too
        return False


def read_heads(session: Session) -> tuple[SignedHead, ...]:
    """The heads as they stand, by lane; empty before the first event."""
    return _records(session, select(Head))


def lock_heads(session: Session, lanes: Collection[int]) -> tuple[SignedHead, ...]:
    """Those of `lanes`, locked in ascending order until the transaction ends."""
    return _records(session, select(Head).where(Head.lane.in_(lanes)).with_for_update())


def was_begun(session: Session) -> bool:
    """Whether there is a sign of any event ever written; then there must be heads."""
    signs: tuple[ColumnElement[bool], ...] = (
        select(Deployment.name).where(Deployment.name == BEGUN).exists(),
        select(Event.id).exists(),
    )
    return bool(session.scalar(select(or_(*signs))))


def render_heads(heads: Sequence[SignedHead], taken_at: datetime) -> str:
    """One line of JSON, to be kept where whoever can change the database cannot."""
    record = {"taken_at": canonical_moment(taken_at), "heads": [asdict(head) for head in heads]}
    return json.dumps(record, separators=(",", ":"))


def parse_heads(lines: Iterable[str], keyring: Keyring) -> tuple[SignedHead, ...]:
    """What `render_heads` wrote, any number of lines.

    Raises `UsageError` for a line of another form and for a head that no secret here has signed.
    """
    heads: list[SignedHead] = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            heads.extend(_parse_line(line, number, keyring))
    return tuple(heads)


def _parse_line(line: str, number: int, keyring: Keyring) -> list[SignedHead]:
    names = {field.name for field in fields(SignedHead)}
    try:
        heads = [
            SignedHead(**{name: entry[name] for name in names})
            for entry in json.loads(line)["heads"]
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"line {number} of the kept heads is not one that `lurewatch audit heads` wrote."
        ) from error
    for head in heads:
        if not is_signed(keyring, head):
            raise UsageError(
                f"line {number} of the kept heads: no secret in use here has signed the head of "
                f"lane {head.lane}. They are of another installation, or were changed."
            )
    return heads


def _records(session: Session, query: Select[Head]) -> tuple[SignedHead, ...]:
    # A head that this session has read before is to come as it is now, not as it was then.
    fresh = query.order_by(Head.lane).execution_options(populate_existing=True)
    return tuple(
        SignedHead(head.lane, head.position, head.mac, head.key_id, head.signature)
        for head in session.scalars(fresh)
    )
