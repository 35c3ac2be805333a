"""Probes, metrics and logs."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from classifier.classifier import Classifier
from serving.app import create_app
from serving.logs import configure_logging
from serving.policy import Role
from serving.settings import Settings
from tests.serving.running import bearer, running

pytestmark = pytest.mark.anyio

MARKER = "zqxjk"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging(stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def samples(text: str) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_readiness_names_the_model_and_ends_with_the_server(
    settings: Settings, classifier: Classifier
) -> None:
    app = create_app(settings, classifier)
    async with running(app) as client:
        ready = await client.get("/readyz")
        assert ready.json() == {
            "status": "ready",
            "model": classifier.manifest.model,
            "policy": classifier.manifest.policy,
        }
        await app.state.services.engine.stop()
        assert (await client.get("/readyz")).status_code == 503
        assert (await client.get("/healthz")).status_code == 200


async def test_metrics_count_requests_texts_and_batches(
    settings: Settings, classifier: Classifier, new_key: Callable[[Role], str]
) -> None:
    async with running(create_app(settings, classifier)) as client:
        client.headers.update(bearer(new_key(Role.RESEARCHER)))
        posts = [{"text": "a boat"}, {"text": "a ferry"}, {"text": ""}]
        await client.post("/v1/score/batch", json={"posts": posts})
        await client.post("/v1/score", json={"text": MARKER})
        for path in ("/nothing/1", "/nothing/2"):
            await client.get(path)
        response = await client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    counted = samples(response.text)
    assert counted["lurewatch_ready",] == 1
    assert counted["lurewatch_queue_texts",] == 0
    assert counted["lurewatch_requests_total", "POST", "/v1/score", "200"] == 1
    assert counted["lurewatch_requests_total", "GET", "unmatched", "404"] == 2
    assert counted["lurewatch_rejected_texts_total", "empty_text"] == 1
    scored = [v for k, v in counted.items() if k[0] == "lurewatch_scored_texts_total"]
    assert sum(scored) == 3
    assert MARKER not in response.text


async def test_two_apps_do_not_share_their_metrics(
    settings: Settings, classifier: Classifier, new_key: Callable[[Role], str]
) -> None:
    headers = bearer(new_key(Role.ADMIN))
    async with running(create_app(settings, classifier)) as first:
        await first.post("/v1/score", json={"text": "a"}, headers=headers)
    async with running(create_app(settings, classifier)) as second:
        response = await second.get("/metrics", headers=headers)
    assert not any(k[0] == "lurewatch_scored_texts_total" for k in samples(response.text))


async def test_the_log_says_what_happened_and_never_what_was_sent(
    settings: Settings, classifier: Classifier, new_key: Callable[[Role], str], log: io.StringIO
) -> None:
    key = new_key(Role.PLATFORM)
    app = create_app(settings, classifier)

    @app.get("/broken")
    async def broken() -> None:
        raise ValueError(MARKER)

    async with running(app) as client:
        headers = bearer(key) | {"X-Request-Id": "from-the-client"}
        posts = [{"text": f"{MARKER} one", "id": MARKER}, {"text": MARKER, "title": MARKER}]
        await client.post("/v1/score/batch", json={"posts": posts}, headers=headers)
        await client.post("/v1/score", json={"text": [MARKER]}, headers=headers)
        await client.post("/v1/score", content=MARKER, headers=headers)
        await client.post("/", data={"text": MARKER, "title": MARKER})
        await client.get(f"/{MARKER}?{MARKER}=1", headers={"X-Request-Id": "not a token!"})
        await client.request(MARKER.upper(), "/")
        await client.get("/broken")
    written = log.getvalue()
    assert MARKER not in written.lower()
    assert key not in written
    entries = [json.loads(line) for line in written.splitlines()]
    batch = next(entry for entry in entries if entry.get("path") == "/v1/score/batch")
    assert batch["request_id"] == "from-the-client"
    assert batch["key_id"] == key.split("_")[1]
    assert (batch["method"], batch["status"]) == ("POST", 200)
    assert batch["texts"] == 2
    assert batch["characters"] == len(f"{MARKER} one") + 2 * len(MARKER)
    assert batch["ms"] > 0
    (failure,) = (entry for entry in entries if entry["level"] == "error")
    assert failure["error"] == "ValueError"
    assert any("test_operations.py" in frame for frame in failure["frames"])


async def test_a_request_id_is_made_where_the_client_sends_none(
    settings: Settings, classifier: Classifier
) -> None:
    async with running(create_app(settings, classifier)) as client:
        made = {(await client.get("/healthz")).headers["x-request-id"] for _ in range(5)}
        refused = await client.get("/healthz", headers={"X-Request-Id": "two\twords"})
    assert len(made) == 5
    assert refused.headers["x-request-id"] != "two\twords"
