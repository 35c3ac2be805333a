"""A classifier that scores when a test says so."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

from classifier.classifier import Classifier
from classifier.records import Post, Rejection, Score


class GatedClassifier:
    """The classifier behind a gate, so that a test decides when a batch is finished."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self.gate = threading.Event()
        self.entered = threading.Semaphore(0)
        self.batches: list[tuple[list[str], bool]] = []

    def score(self, posts: Sequence[Post], *, explain: bool = False) -> list[Score | Rejection]:
        self.batches.append(([post.id for post in posts], explain))
        self.entered.release()
        self.gate.wait()
        if any(post.text == "break" for post in posts):
            raise RuntimeError("broken")
        return self._classifier.score(posts, explain=explain)

    async def wait_until_entered(self) -> None:
        await asyncio.to_thread(self.entered.acquire)
