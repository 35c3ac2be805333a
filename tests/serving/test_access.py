from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from classifier.classifier import Classifier
from serving.app import create_app
from serving.policy import POLICY, Action, Role, may
from serving.settings import Settings
from tests.serving.running import bearer, running

pytestmark = pytest.mark.anyio

OPEN = ("/healthz", "/readyz", "/openapi.json", "/docs", "/")


async def ask(client: httpx.AsyncClient, action: Action, key: str) -> int:
    if action is Action.READ_METRICS:
        return (await client.get("/metrics", headers=bearer(key))).status_code
    body = {"text": "a boat"}
    single = await client.post("/v1/score", json=body, headers=bearer(key))
    batch = await client.post("/v1/score/batch", json={"posts": [body]}, headers=bearer(key))
    assert single.status_code == batch.status_code
    return single.status_code


async def test_every_role_may_do_what_the_policy_says_and_no_more(
    settings: Settings, classifier: Classifier, new_key: Callable[[Role], str]
) -> None:
    async with running(create_app(settings, classifier)) as client:
        for role in Role:
            key = new_key(role)
            for action in Action:
                expected = 200 if may(role, action) else 403
                assert await ask(client, action, key) == expected, (role, action)


async def test_the_open_addresses_need_no_key_and_the_others_do(
    settings: Settings, classifier: Classifier
) -> None:
    app = create_app(settings, classifier)
    async with running(app) as client:
        for path in OPEN:
            assert (await client.get(path)).status_code == 200, path
        for path, operations in app.openapi()["paths"].items():
            for method in operations:
                if path not in OPEN:
                    assert (await client.request(method, path)).status_code == 401, path


def test_all_roles_score_and_platforms_and_moderators_see_no_metrics() -> None:
    assert POLICY[Action.SCORE] == set(Role)
    assert POLICY[Action.READ_METRICS] == {Role.LEAD, Role.RESEARCHER, Role.ADMIN}
