"""Texts are kept as long as someone may need them, by what became of the post; then erased."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, text
from starlette.concurrency import run_in_threadpool

from serving.actors import SYSTEM
from serving.audit.chain import canonical_moment
from serving.audit.log import AuditLog
from serving.audit.models import Event
from serving.audit.records import EventKind
from serving.clock import Clock, utc_now
from serving.database import Database
from serving.logs import FACTS
from serving.review.changes import changing
from serving.review.erase import Cause, erase_items
from serving.review.models import Item
from serving.review.purge import empty_log
from serving.review.records import Decided, State
from serving.settings import Settings

logger = logging.getLogger("lurewatch.retention")

ITEMS_PER_TRANSACTION = 200
"""More would keep other writers of a SQLite file waiting for too long."""

_ROW = "retention"
_EVERY = timedelta(days=1)
_LOOK_EVERY_SECONDS = 3_600


class RetentionService:
    """Erases the texts whose time is over. What waits for a person is never touched.

    Thread-safe, and safe beside other servers: an item is erased by the one that locks it.
    """

    def __init__(
        self,
        database: Database,
        audit: AuditLog,
        settings: Settings,
        clock: Clock = utc_now,
        *,
        at_once: int = ITEMS_PER_TRANSACTION,
    ) -> None:
        self._database = database
        self._audit = audit
        self._settings = settings
        self._clock = clock
        self._at_once = at_once
        self._stopping = threading.Event()

    def run(self) -> Mapping[str, int]:
        """Erase what is due; how many items, by outcome. A stop leaves the rest for later."""
        erased = {
            outcome: self._erase(condition) for outcome, condition in self._conditions().items()
        }
        if any(erased.values()):
            empty_log(self._database)
        return erased

    def due(self) -> Mapping[str, int]:
        """What `run` would erase now."""
        with self._database.read() as session:
            return {
                outcome: session.scalars(
                    select(func.count()).select_from(Item).where(condition)
                ).one()
                for outcome, condition in self._conditions().items()
            }

    def run_if_a_day_has_passed(self) -> Mapping[str, int] | None:
        """As `run`, by one server a day whichever asks first; None for the others."""
        now = self._clock()
        with self._database.write() as session:
            session.execute(
                text("INSERT INTO deployment (name, value) VALUES (:n, '') ON CONFLICT DO NOTHING"),
                {"n": _ROW},
            )
            turn = session.execute(
                text(
                    "UPDATE deployment SET value = :now "
                    "WHERE name = :n AND value <= :a_day_ago RETURNING name"
                ),
                {
                    "n": _ROW,
                    "now": canonical_moment(now),
                    "a_day_ago": canonical_moment(now - _EVERY),
                },
            )
            if turn.first() is None:
                return None
        return self.run()

    def stop(self) -> None:
        """End a run, in whichever thread, after the items that it has in hand."""
        self._stopping.set()

    def _conditions(self) -> Mapping[str, ColumnElement[bool]]:
        now = self._clock()

        def before(days: float) -> datetime:
            return now - timedelta(days=days)

        def decided(days: float, actions: frozenset[Decided]) -> ColumnElement[bool]:
            return and_(
                Item.erased_at.is_(None),
                Item.state == State.DECIDED.value,
                Item.received_at <= before(days),  # follows from the next line, for the index
                Item.final_at <= before(days),
                Item.action.in_(sorted(actions)),
            )

        settings, nothing = self._settings, frozenset({Decided.NONE})
        # Of an earlier text: an edit must not cut short the time in which its author may complain.
        complainable = exists().where(
            Event.item_id == Item.id,
            Event.kind == EventKind.DECIDED.value,
            Event.at > before(settings.keep_acted_on_days),
            or_(Item.decided_at.is_(None), Event.at < Item.decided_at),
        )
        return {
            "cleared": and_(
                Item.erased_at.is_(None),
                Item.state == State.CLEARED.value,
                Item.received_at <= before(settings.keep_cleared_days),
                ~complainable,
            ),
            "left alone": and_(decided(settings.keep_left_alone_days, nothing), ~complainable),
            "acted on": decided(settings.keep_acted_on_days, frozenset(Decided) - nothing),
        }

    def _erase(self, condition: ColumnElement[bool]) -> int:
        query = (
            select(Item)
            .where(condition)
            .order_by(Item.received_at)
            .limit(self._at_once)
            .with_for_update(skip_locked=True)
        )
        erased = 0
        while not self._stopping.is_set():
            with changing(self._database, self._audit) as changes:
                items = changes.session.scalars(query).all()
                erase_items(changes, items, SYSTEM, self._clock(), Cause.RETENTION)
            erased += len(items)
            if len(items) < self._at_once:
                break
        return erased


class DailyRetention:
    """Runs the retention of a server that is up for days, beside its requests."""

    def __init__(self, service: RetentionService) -> None:
        self._service = service
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; returns at once. Belongs to the running event loop."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Return when nothing is written any more."""
        self._service.stop()
        self._stopping.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                erased = await run_in_threadpool(self._service.run_if_a_day_has_passed)
            except Exception:  # of a task that nobody awaits: it tries again
                logger.exception("retention failed")
            else:
                if erased is not None:
                    logger.info("retention ran", extra={FACTS: dict(erased)})
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _LOOK_EVERY_SECONDS)
