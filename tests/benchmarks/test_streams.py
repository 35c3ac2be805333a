"""The streams: shares, distinctness, order, and what does not go in."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.speed.scripts import evidenced_scripts, script_of
from benchmarks.speed.streams import (
    Kind,
    corpus_stream,
    distinct_items,
    firehose_stream,
    kind_of,
)
from benchmarks.speed.truncation import WindowCut
from classifier.labels import Label
from classifier.text import normalise
from tests.benchmarks.examples import example, examples
from tests.builders import build_tiny_model


def whole(text: str) -> str:
    return text


def test_a_firehose_has_its_shares() -> None:
    items = distinct_items(examples(20, 200, 2_000), whole)
    stream = firehose_stream(items, name="firehose", seed=0, most=1_000)
    assert Counter(item.kind for item in stream.items) == {
        Kind.POSITIVE: 10,
        Kind.HARD: 100,
        Kind.POST: 890,
    }
    assert stream.notes == ()


def test_the_scarcest_kind_sets_the_size_and_is_named() -> None:
    items = distinct_items(examples(20, 30, 2_000), whole)
    stream = firehose_stream(items, name="firehose", seed=0, most=1_000)
    assert len(stream.items) == 300
    assert "30 distinct" in stream.notes[0]
    assert Kind.HARD in stream.notes[0]


def test_a_firehose_without_posts_is_empty() -> None:
    items = distinct_items(examples(20, 30, 0), whole)
    assert firehose_stream(items, name="firehose", seed=0, most=1_000).items == ()


def test_no_text_comes_twice_in_another_spelling() -> None:
    same = [example(n, Kind.POST, text=text) for n, text in enumerate(["A  Ship", "A Ship", "Ꭺ"])]
    items = distinct_items(same, whole)
    spelt = [normalise(item.text) for item in items]
    assert len(spelt) == len(set(spelt)) == 2


def test_a_seed_gives_the_same_stream_whatever_the_order_of_the_rows() -> None:
    rows = examples(20, 200, 2_000)
    first, again, other = (
        firehose_stream(distinct_items(given, whole), name="f", seed=seed, most=500)
        for given, seed in ((rows, 0), (rows[::-1], 0), (rows, 1))
    )
    assert first == again
    assert first != other


def test_the_parts_of_rounds_share_no_text() -> None:
    items = distinct_items(examples(0, 100, 0), whole)
    parts = corpus_stream(items, seed=0, most=100).parts(3, 20)
    assert [len(part) for part in parts] == [20, 20, 20]
    assert len({item.id for part in parts for item in part}) == 60


def test_only_the_scripts_asked_for_are_in_a_stream() -> None:
    rows = [
        *examples(20, 200, 2_000),
        *(example(n, Kind.POST, text=f"поезд {'а' * n}") for n in range(3_000, 3_050)),
    ]
    items = distinct_items(rows, whole)
    stream = firehose_stream(items, name="f", seed=0, most=1_000, scripts=("latin",))
    assert {item.script for item in stream.items} == {"latin"}


def test_an_advert_that_may_be_either_is_left_out() -> None:
    job = example(1, Kind.HARD, source="emscad")
    unknown: dict[Label, bool | None] = dict.fromkeys(Label)
    assert kind_of(replace(job, labels={**unknown, Label.FAKE_JOB: False})) is Kind.HARD
    assert kind_of(replace(job, labels=unknown)) is None


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Boat to Italy", "latin"),
        ("𝐁𝐨𝐚𝐭 𝐭𝐨 𝐈𝐭𝐚𝐥𝐲", "latin"),
        ("قارب إلى إيطاليا today", "arabic"),
        ("イタリアへの船", "kana"),
        ("去意大利的船", "cjk"),
        ("نقل Иван Иванов", "cyrillic"),
        ("123 !", "none"),
    ],
)
def test_a_text_has_the_script_of_most_letters(text: str, script: str) -> None:
    assert script_of(text) == script


def test_a_script_needs_a_hundred_positives_for_evidence() -> None:
    cyrillic = [example(n, Kind.POSITIVE, text=f"поезд {n}") for n in range(99)]
    assert evidenced_scripts([*examples(100, 5, 5), *cyrillic]) == ("latin",)


def test_a_cut_text_fits_the_window_raw_and_normalised(tmp_path: Path) -> None:
    cut = WindowCut(build_tiny_model(tmp_path / "model"))
    text = "ﷺ a ship at sea " * 40
    kept = cut(text)
    assert text.startswith(kept)
    assert kept
    assert max(cut.tokens(kept), cut.tokens(normalise(kept))) <= 46
    assert cut("a ship") == "a ship"
