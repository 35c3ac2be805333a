"""The people and the platform of a measurement: they hand in, claim, decide, undo, and note it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from benchmarks.queue.installation import Key
from benchmarks.queue.judgements import judgement
from benchmarks.queue.ledger import Entry, Ledger, Operation
from benchmarks.queue.wire import Reply, Wire

_NOTHING_LEFT_SECONDS = 0.05
_TEXTS = (
    "Boat Saturday from the usual beach, three seats left, pay on arrival.",
    "Driver wanted for one night across the border, 2,000 cash, no questions asked.",
    "Office work in Asia, flight and visa paid, no experience needed, write on Telegram.",
    "Passports and residence cards, real ones, delivered within a week.",
)


@dataclass(frozen=True, slots=True)
class Scene:
    """What all clients of one measurement share.

    Once it is `finishing` nothing new is handed in and nothing undone; `over` sends them home.
    """

    wire: Wire
    ledger: Ledger
    finishing: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)


class PlatformClient:
    """Hands posts in, as a trusted flagger's, so that each is queued whatever its score."""

    def __init__(self, scene: Scene, key: Key, name: str) -> None:
        self.scene = scene
        self._key = key
        self._name = name
        self._made = 0

    async def submit(self, count: int) -> None:
        """Hand `count` new posts in, again and again until there is an answer for each.

        Raises `RuntimeError` where one is refused.
        """
        posts = [self._post() for _ in range(count)]
        answer = None
        while answer is None:
            answer = await self.scene.wire.post(self._key, "/v1/posts/batch", {"posts": posts})
            if answer is None:
                for post in posts:
                    self._note(post["post_id"], answered=False)
        if not answer.ok:
            raise RuntimeError(f"posts were refused with {answer.status}: {answer.body}")
        for post, result in zip(posts, answer.body["results"], strict=True):
            if result.get("queued_for") is None:
                raise RuntimeError(f"a post was not queued: {result}")
            self._note(post["post_id"], answered=True, item_id=result["item_id"])

    def _post(self) -> dict[str, Any]:
        self._made += 1
        return {
            "post_id": f"{self._name}-{self._made}",
            "text": f"{_TEXTS[self._made % len(_TEXTS)]} ({self._name} {self._made})",
            "source": "trusted_flagger",
        }

    def _note(self, post_id: str, *, answered: bool, item_id: str | None = None) -> None:
        self.scene.ledger.add(
            Entry(Operation.SUBMIT, self._key.actor, answered, item_id, token=post_id)
        )


class Moderator:
    """Claims the next item, decides it, and undoes a share of the decisions to decide again."""

    def __init__(
        self,
        scene: Scene,
        key: Key,
        *,
        seed: int,
        undo_share: float = 0.0,
        decided: Callable[[], None] = lambda: None,
    ) -> None:
        self._scene = scene
        self._key = key
        self._random = random.Random(seed)
        self._undo_share = undo_share
        self._decided = decided
        self._tokens = 0

    async def work(self) -> None:
        """Until the scene is over."""
        while not self._scene.over.is_set():
            item = await self._claim()
            if item is None:
                await asyncio.sleep(_NOTHING_LEFT_SECONDS)
                continue
            item = await self._decide(item)
            while item is not None and self._changes_mind():
                item = await self._undo(item)
                item = item and await self._decide(item)

    def _changes_mind(self) -> bool:
        return self._random.random() < self._undo_share and not self._scene.finishing.is_set()

    async def _claim(self) -> dict[str, Any] | None:
        answer = await self._scene.wire.post(self._key, "/v1/queue/claim", {})
        if answer is not None and answer.status == 204:
            return None
        return self._noted(Operation.CLAIM, answer)

    async def _decide(self, item: dict[str, Any]) -> dict[str, Any] | None:
        """Decide, until there is an answer: the item as decided, or None where it is lost to us."""
        body = self._judgement(item["version"])
        path = f"/v1/items/{item['id']}/decision"
        decided = await self._insist(Operation.DECIDE, path, body, body["note"])
        if decided is not None:
            self._decided()
        return decided

    async def _undo(self, item: dict[str, Any]) -> dict[str, Any] | None:
        return await self._insist(Operation.UNDO, f"/v1/items/{item['id']}/undo")

    async def _insist(
        self,
        operation: Operation,
        path: str,
        body: dict[str, Any] | None = None,
        token: str | None = None,
    ) -> dict[str, Any] | None:
        answer = None
        while answer is None:
            answer = await self._scene.wire.post(self._key, path, body)
            item = self._noted(operation, answer, token)
        return item

    def _noted(
        self, operation: Operation, answer: Reply | None, token: str | None = None
    ) -> dict[str, Any] | None:
        """The item of an answer. Raises `RuntimeError` for one that no client should ever see."""
        item = answer.body if answer is not None and answer.ok else None
        if answer is not None and item is None and answer.status != 409:
            raise RuntimeError(f"{operation} was answered {answer.status}: {answer.body}")
        if answer is None or item is not None:
            item_id, version = (item["id"], item["version"]) if item else (None, None)
            self._scene.ledger.add(
                Entry(operation, self._key.actor, item is not None, item_id, version, token)
            )
        return item

    def _judgement(self, version: int) -> dict[str, Any]:
        self._tokens += 1
        made = judgement(self._random, note=f"{self._key.actor} {self._tokens}")
        return {
            "version": version,
            "labels": dict(made.labels),
            "action": made.action,
            "reason": made.reason,
            "note": made.note,
        }
