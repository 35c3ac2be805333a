from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from classifier.labels import FACETS, LABELS

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "serving" / "samples.jsonl"
CORPUS = ROOT / "data" / "corpus"

NEGATIVES = {
    "neg_news",
    "neg_warning",
    "neg_legal_service",
    "neg_real_job",
    "neg_travel",
    "neg_demand",
    "neg_story",
    "neg_opinion",
    "neg_counter_speech",
    "neg_satire",
    "neg_homograph",
    "neg_shopping",
    "neg_everyday",
}
LANGUAGES = {
    *("ar", "fa", "ckb", "kmr", "ur", "ps", "tr", "so", "am", "ti", "ha", "fr", "es", "de"),
    *("vi", "zh-Hans", "hi-Latn", "bn", "sq", "ro", "en", "ru", "pt"),
}
FACET_OF_SLICE = {"debt": "debt_or_documents"}


@cache
def samples() -> list[dict[str, Any]]:
    return [json.loads(line) for line in SAMPLES.read_text("utf-8").splitlines()]


def corpus_texts() -> Iterator[str]:
    for path in sorted(CORPUS.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            yield json.loads(line)["text"]


def words(text: str) -> list[str]:
    marks = "".join(sorted({c for c in text if not (c.isalnum() or c.isspace())} - {"'", "’"}))
    return text.casefold().translate(str.maketrans("", "", marks)).split()


def shingles(text: str, size: int = 4) -> set[str]:
    joined = " ".join(words(text))
    return {joined[start : start + size] for start in range(len(joined) - size + 1)}


def whole_text(sample: dict[str, Any]) -> str:
    return "\n".join(filter(None, (sample.get("title"), sample["text"])))


def test_every_sample_has_the_fields_of_a_sample() -> None:
    for sample in samples():
        assert set(sample) - {"title"} == {"id", "language", "kind", "slice", "text", "expected"}
        assert set(sample["expected"]) == set(LABELS)
        assert set(sample["expected"].values()) <= {0, 1}
    ids = [sample["id"] for sample in samples()]
    assert len(set(ids)) == len(ids) >= 48


def test_the_samples_speak_the_languages_of_the_field() -> None:
    assert {sample["language"] for sample in samples()} >= LANGUAGES


def test_a_bit_less_than_half_of_the_samples_are_offers() -> None:
    offers = sum(any(sample["expected"].values()) for sample in samples())
    assert 0.4 <= offers / len(samples()) <= 0.5


def test_every_facet_and_every_kind_of_hard_negative_has_a_sample() -> None:
    slices = Counter(sample["slice"] for sample in samples())
    facets = {
        FACET_OF_SLICE.get(kind, kind)
        for kind in (name.removeprefix("smuggling_").removeprefix("fake_job_") for name in slices)
    }
    assert set(FACETS) <= facets
    assert slices["both"] >= 2
    assert min(slices[kind] for kind in NEGATIVES) >= 2


def test_the_slice_and_the_expected_labels_agree() -> None:
    for sample in samples():
        kind = sample["slice"]
        assert sample["expected"] == {
            "smuggling_service": int(kind == "both" or kind.startswith("smuggling_")),
            "fake_job": int(kind == "both" or kind.startswith("fake_job_")),
        }


def test_no_sample_shares_eight_words_in_a_row_with_the_corpus() -> None:
    runs: dict[tuple[str, ...], str] = {}
    for sample in samples():
        text = words(whole_text(sample))
        runs |= {tuple(text[n : n + 8]): sample["id"] for n in range(len(text) - 7)}
    for text in map(words, corpus_texts()):
        shared = {tuple(text[n : n + 8]) for n in range(len(text) - 7)} & runs.keys()
        assert not shared, f"{[runs[run] for run in shared]} against {' '.join(text)}"


def test_no_sample_is_close_to_a_text_of_the_corpus_or_to_another() -> None:
    owners: dict[str, list[int]] = defaultdict(list)
    sizes = []
    for number, sample in enumerate(samples()):
        own = shingles(whole_text(sample))
        sizes.append(len(own))
        for shingle in own:
            owners[shingle].append(number)

    def closest(text: str) -> list[tuple[float, int]]:
        own = shingles(text)
        common = Counter(number for shingle in own for number in owners.get(shingle, ()))
        return [(n / (len(own) + sizes[k] - n), k) for k, n in common.items()]

    for text in corpus_texts():
        assert max(closest(text), default=(0.0, 0))[0] < 0.25, text
    for number, sample in enumerate(samples()):
        others = [share for share, k in closest(whole_text(sample)) if k != number]
        assert max(others, default=0.0) < 0.25, sample["id"]
