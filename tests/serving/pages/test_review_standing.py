from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from classifier.labels import Facet
from serving.database import Database
from serving.migrations import open_database
from serving.pages.review.standing import standing_reasons
from serving.review.records import Source
from tests.serving.review.bench import ADA, START, THRESHOLDS, Bench, scored


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    database = open_database(sqlite_url)
    yield database
    database.dispose()


def test_the_card_says_why_an_item_is_where_it_is(database: Database) -> None:
    bench = Bench(database)
    grave = scored(0.99, 0.01, facets={Facet.TRANSPORT: 0.9})
    item = bench.admit(grave, source=Source.TRUSTED_FLAGGER, reach=25_000)
    plain = bench.admit(scored(0.52, 0.01))
    view = bench.queue.view(ADA, item.item_id)
    assert standing_reasons(view, THRESHOLDS, START) == (
        "A trusted flagger reported it, which comes first",
        "If true, the harm is grave: crossing or transport",
        "Seen by 25,000 people",
    )
    assert standing_reasons(view, THRESHOLDS, START + timedelta(hours=7))[-1] == (
        "Waiting for 7 hours"
    )
    doubtful = bench.queue.view(ADA, plain.item_id)
    assert "The model is unsure: close to its threshold" in standing_reasons(
        doubtful, THRESHOLDS, START + timedelta(days=3)
    )
