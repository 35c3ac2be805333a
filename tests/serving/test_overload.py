"""Twice as much as can be scored: the rest is told when to come back, and nothing breaks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
import pytest

from classifier.classifier import Classifier
from classifier.records import Post, Rejection, Score
from serving.app import create_app
from serving.policy import Role
from serving.settings import Settings
from tests.serving.running import bearer, running

pytestmark = pytest.mark.anyio

SECONDS_A_TEXT = 0.02
REQUESTS = 400


class SlowClassifier(Classifier):
    """Scores 50 texts a second, whatever the machine."""

    def score(
        self, posts: Sequence[Post | str], *, explain: bool = False
    ) -> list[Score | Rejection]:
        time.sleep(SECONDS_A_TEXT * len(posts))
        return super().score(posts, explain=explain)


async def test_at_twice_the_rate_the_accepted_are_answered_soon_and_the_rest_told_when(
    settings: Settings, model_folder: Path, new_key: Callable[[Role], str]
) -> None:
    settings = settings.model_copy(update={"queue_texts": 10, "key_rate": 0})
    classifier = SlowClassifier.load(model_folder, threads=1)
    async with running(create_app(settings, classifier)) as client:
        client.headers.update(bearer(new_key(Role.PLATFORM)))

        async def send(number: int) -> tuple[httpx.Response, float]:
            await asyncio.sleep(number * SECONDS_A_TEXT / 2)
            began = time.perf_counter()
            response = await client.post("/v1/score", json={"text": f"boat number {number}"})
            return response, time.perf_counter() - began

        answers = await asyncio.gather(*(send(number) for number in range(REQUESTS)))
    accepted = sorted(seconds for response, seconds in answers if response.status_code == 200)
    refused = [response for response, _ in answers if response.status_code == 429]
    assert len(accepted) + len(refused) == REQUESTS
    assert min(len(accepted), len(refused)) > REQUESTS / 10
    # Ten wait, and as many are being scored: 0.4 s, and what a busy machine adds.
    assert accepted[int(len(accepted) * 0.99)] < 2
    for response in refused:
        assert int(response.headers["Retry-After"]) >= 1
        assert response.json()["code"] == "queue_full"
