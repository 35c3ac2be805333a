from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.labels import FACETS, Facet, Label
from classifier.records import Score
from serving.review import ranking
from serving.review.ranking import HALF_LIFE, HEAD_START, SEVERITY, SLOTS, Slot, Strategy
from serving.review.records import Ranks, Source
from tests.serving.review.bench import START, THRESHOLDS, scored


def ranks_of(
    score: Score | None = None,
    *,
    source: Source = Source.VOLUNTARY,
    reach: int | None = None,
    characters: int = 200,
    hours: float = 0,
) -> Ranks:
    return ranking.ranks(
        score or scored(),
        THRESHOLDS,
        source=source,
        reach=reach,
        characters=characters,
        waiting_since=START + timedelta(hours=hours),
    )


def test_every_facet_has_a_severity() -> None:
    assert set(SEVERITY) == set(FACETS)


def test_twice_the_harm_counts_as_one_half_life_of_waiting() -> None:
    low, high = scored(0.4, 0.1), scored(0.8, 0.2)
    waited = ranks_of(low, hours=-HALF_LIFE / timedelta(hours=1)).harm
    assert waited == pytest.approx(ranks_of(high).harm)


def test_harm_is_probability_times_severity_times_reach_by_reading_time() -> None:
    score = scored(0.5, 0.0, facets={Facet.TRANSPORT: 0.9})
    # 0.5 x 8 x (1 + log10(1,000)) over 0.25 minutes and one to read.
    assert ranking.harm_per_minute(score, 999, 1_000) == pytest.approx(0.5 * 8 * 4 / 1.25)
    unexplained = replace(score, facets=None)
    assert ranking.severity(unexplained, Label.FAKE_JOB) == ranking.UNEXPLAINED_SEVERITY


def test_more_harm_more_reach_and_less_to_read_come_first() -> None:
    plain = ranks_of().harm
    assert ranks_of(scored(0.8)).harm > plain
    assert ranks_of(reach=100_000).harm > plain
    assert ranks_of(reach=3).harm < plain
    assert ranks_of(characters=5_000).harm < plain
    papers = ranks_of(scored(facets={Facet.DOCUMENTS: 0.9})).harm
    assert ranks_of(scored(facets={Facet.TRANSPORT: 0.9})).harm > papers


def test_notices_stand_as_if_they_had_waited() -> None:
    for source, head_start in HEAD_START.items():
        waited = ranks_of(hours=-head_start / timedelta(hours=1))
        assert ranks_of(source=source).harm == pytest.approx(waited.harm)
        assert ranks_of(source=source).doubt == pytest.approx(waited.doubt)


def test_doubt_is_nearness_to_a_threshold() -> None:
    assert ranks_of(scored(0.5, 0.01)).doubt > ranks_of(scored(0.7, 0.01)).doubt
    assert ranks_of(scored(0.7, 0.45)).doubt > ranks_of(scored(0.7, 0.01)).doubt


@given(
    least=st.floats(0, 1), most=st.floats(0, 1), reach=st.integers(0, 10**10), length=st.integers(1)
)
def test_nothing_starves(least: float, most: float, reach: int, length: int) -> None:
    """Whatever comes in six days later without a notice comes after."""
    worst = scored(most, most, facets=dict.fromkeys(FACETS, 1.0))
    later = ranks_of(worst, reach=reach, characters=1, hours=6 * 24)
    assert ranks_of(scored(least, 0), characters=min(length, 20_000)).harm > later.harm


def test_slots_share_all_claims() -> None:
    for strategy, shares in SLOTS.items():
        assert sum(shares.values()) == pytest.approx(1)
        draws = [ranking.slot_at(strategy, n / 1_000) for n in range(1_000)]
        for slot, share in shares.items():
            assert draws.count(slot) / 1_000 == pytest.approx(share, abs=0.002)
    assert ranking.slot_at(Strategy.HARM, 0.999999999) is Slot.SAMPLE
