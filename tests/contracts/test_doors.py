"""A post has one score, whoever asks and whatever else is asked at the same time."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from classifier.classifier import Classifier
from classifier.labels import LABELS
from classifier.records import Post, Score
from serving.app import create_app
from serving.database import Database
from serving.pages.samples import load_samples
from serving.policy import Role
from serving.settings import Settings
from tests.serving.keys import key_service
from tests.serving.running import bearer, running

TOLERANCE = 0.01

Scores = Mapping[str, Mapping[str, float]]


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    """The model that ships: the promise is about its numbers."""
    return Classifier.load()


@pytest.fixture(scope="module")
def posts() -> list[Post]:
    return [sample.post for sample in load_samples()]


@pytest.fixture(scope="module")
def alone(classifier: Classifier, posts: list[Post]) -> Scores:
    return {post.id: scores_of(classifier, [post])[post.id] for post in posts}


def scores_of(classifier: Classifier, posts: list[Post]) -> Scores:
    answers = classifier.score(posts)
    assert all(isinstance(answer, Score) for answer in answers)
    return {
        answer.id: answer.to_dict()["scores"] for answer in answers if isinstance(answer, Score)
    }


def assert_same(expected: Scores, found: Scores) -> None:
    gaps = {
        (post, label): abs(scores[label] - found[post][label])
        for post, scores in expected.items()
        for label in LABELS
    }
    worst = max(gaps, key=lambda key: gaps[key])
    assert gaps[worst] <= TOLERANCE, (worst, gaps[worst])


@pytest.mark.parametrize("seed", [1, 2])
def test_company_in_a_batch_does_not_move_a_score(
    classifier: Classifier, posts: list[Post], alone: Scores, seed: int
) -> None:
    company = [Post(f"long-{number}", post.text * number) for number, post in enumerate(posts, 2)]
    mixed = [*posts, *company[: 10 * seed]]
    random.Random(seed).shuffle(mixed)
    assert_same(alone, scores_of(classifier, mixed))


def test_an_explanation_does_not_move_a_score(
    classifier: Classifier, posts: list[Post], alone: Scores
) -> None:
    explained = {post.id: classifier.explain(post).score.to_dict()["scores"] for post in posts}
    assert_same(alone, explained)


def test_the_command_line_gives_the_same_score(
    posts: list[Post], alone: Scores, tmp_path: Path
) -> None:
    rows = tmp_path / "posts.jsonl"
    rows.write_text("".join(json.dumps(row(post)) + "\n" for post in posts), encoding="utf-8")
    command = [sys.executable, "-m", "lurewatch", "score", str(rows)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    records = map(json.loads, done.stdout.splitlines())
    assert_same(alone, {record["id"]: record["scores"] for record in records})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(database_url=f"sqlite:///{tmp_path / 'lurewatch.db'}")


def test_both_endpoints_give_the_same_score(
    settings: Settings, classifier: Classifier, posts: list[Post], alone: Scores
) -> None:
    async def ask() -> tuple[Scores, Scores]:
        async with running(create_app(settings, classifier)) as client:
            client.headers.update(key_for(settings, Role.RESEARCHER))
            single = {
                post.id: (await answer(client, "score", row(post)))["scores"] for post in posts
            }
            together = await answer(client, "score/batch", {"posts": [row(post) for post in posts]})
            return single, {found["id"]: found["scores"] for found in together["results"]}

    for found in asyncio.run(ask()):
        assert_same(alone, found)


def test_a_post_that_is_handed_in_gets_the_same_score_and_keeps_it(
    settings: Settings, classifier: Classifier, posts: list[Post], alone: Scores
) -> None:
    async def ask() -> tuple[Scores, Scores, Scores]:
        async with running(create_app(settings, classifier)) as client:
            client.headers.update(key_for(settings, Role.PLATFORM))
            sent = [{**row(post), "post_id": post.id} for post in posts]
            single = [await answer(client, "posts", body) for body in sent[::3]]
            together = (await answer(client, "posts/batch", {"posts": sent}))["results"]
            stored = [await look(client, found["item_id"]) for found in together]
            return submitted(single), submitted(together), submitted(stored)

    single, *whole = asyncio.run(ask())
    assert_same({post.id: alone[post.id] for post in posts[::3]}, single)
    for found in whole:
        assert_same(alone, found)


def submitted(answers: list[dict[str, Any]]) -> Scores:
    return {found["post_id"]: found["score"]["scores"] for found in answers}


def key_for(settings: Settings, role: Role) -> dict[str, str]:
    database = Database(settings.database_url)
    platform = "doors" if role is Role.PLATFORM else None
    made = key_service(database, os.environ).create(role, name="doors", platform=platform)
    database.dispose()
    return bearer(made.key)


async def look(client: httpx.AsyncClient, item_id: str) -> dict[str, Any]:
    content: dict[str, Any] = (await client.get(f"/v1/items/{item_id}")).json()
    return content


def row(post: Post) -> dict[str, str]:
    titled = {} if post.title is None else {"title": post.title}
    return {"id": post.id, "text": post.text, **titled}


async def answer(client: httpx.AsyncClient, path: str, body: object) -> dict[str, Any]:
    response = await client.post(f"/v1/{path}", json=body)
    response.raise_for_status()
    content: dict[str, Any] = response.json()
    return content
