"""The plan by which PostgreSQL finds the next item."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event

from serving.actors import Actor
from serving.database import Database
from serving.policy import Role
from serving.review.queue import QueueService
from serving.review.ranking import Slot
from serving.review.records import Filters

_ACTOR = Actor("user:planner", Role.MODERATOR)
_TIME = re.compile(r"Execution Time: ([\d.]+) ms")


@dataclass(frozen=True, slots=True)
class Plan:
    """What EXPLAIN (ANALYZE, BUFFERS) says, and the milliseconds in it."""

    text: str
    execution_ms: float


def claim_plan(
    database: Database, queue: QueueService, slot: Slot, languages: frozenset[str] | None
) -> Plan:
    """The plan of the very statement that claims, carried out and rolled back.

    Claims one item, to see the statement, and gives it back.
    """
    statements: list[tuple[str, Any]] = []

    def listen(_c: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if "SKIP LOCKED" in statement:
            statements.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", listen)
    try:
        item = queue.claim_next(_ACTOR, Filters(languages=languages), slot)
    finally:
        event.remove(database.engine, "before_cursor_execute", listen)
    if item is not None:
        queue.release(_ACTOR, item.id)
    connection = database.engine.raw_connection()
    try:
        cursor = connection.cursor()
        statement, parameters = statements[0]
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {statement}", parameters)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    finally:
        connection.rollback()
        connection.close()
    found = _TIME.search(plan)
    assert found is not None
    return Plan(plan, float(found[1]))
