"""Everything that a moderator does with the queue.

One class for its callers; each job has its own module: `claims` (next, claim, heartbeat, release,
skip), `decisions` (decide, undo, escalate), `items` (what is shown of one item), `search` (lists).
"""

from __future__ import annotations

from serving.review.claims import Claims
from serving.review.decisions import Decisions
from serving.review.items import Items
from serving.review.search import Search


class QueueService(Claims, Decisions, Items, Search):
    """Built with `(database, audit, keyring, settings, clock)`, as `Desk` describes."""
