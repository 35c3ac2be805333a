"""Kept scores stand in for a model, and say so when they cannot."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from classifier.classifier import Classifier
from classifier.labels import LABELS
from classifier.records import Rejection, Score
from evaluation.errors import KeptScoresError
from evaluation.kept import (
    RememberingClassifier,
    ScoredByModel,
    digest_of,
    read_kept,
    write_kept,
)

TEXTS = ["a boat tonight", "typing work for a fee", "the ferry is late"]


@pytest.fixture
def remembering(tiny_model: Path) -> RememberingClassifier:
    return RememberingClassifier.load(tiny_model, threads=1)


def test_what_is_remembered_is_what_was_scored(
    remembering: RememberingClassifier, tiny_classifier: Classifier
) -> None:
    first = remembering.score(TEXTS)
    again = remembering.score([TEXTS[2], "", TEXTS[0]])

    assert [answer.id for answer in again] == ["1", "2", "3"]
    assert isinstance(again[1], Rejection)
    assert len(remembering.remembered) == 4
    expected = tiny_classifier.score(TEXTS)
    for answer, other in zip(first, expected, strict=True):
        assert isinstance(answer, Score)
        assert isinstance(other, Score)
        assert answer.scores == pytest.approx(other.scores, abs=0.01)
        assert (answer.id, answer.model) == (other.id, other.model)
    assert isinstance(again[0], Score)
    assert isinstance(first[2], Score)
    assert again[0].scores == first[2].scores


def test_kept_scores_are_those_of_the_model_without_its_texts(
    remembering: RememberingClassifier, tmp_path: Path
) -> None:
    path = tmp_path / "kept.json.gz"
    remembering.score([*TEXTS, ""])

    assert write_kept(path, remembering) == 3

    kept = read_kept([path])
    model = ScoredByModel(remembering)
    assert kept.model == remembering.manifest.model
    assert kept.cuts == model.cuts
    np.testing.assert_allclose(
        kept.probabilities(TEXTS), model.probabilities(TEXTS), rtol=1e-3, atol=0
    )
    assert kept.probabilities([]).shape == (0, len(LABELS))


def test_equal_scores_make_equal_bytes(remembering: RememberingClassifier, tmp_path: Path) -> None:
    paths = [tmp_path / "one.json.gz", tmp_path / "two.json.gz"]
    remembering.score(TEXTS)

    for path in paths:
        write_kept(path, remembering)

    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_text_without_a_kept_score_is_counted_and_named_as_missing(
    remembering: RememberingClassifier, tmp_path: Path
) -> None:
    path = tmp_path / "kept.json.gz"
    remembering.score(TEXTS)
    write_kept(path, remembering)

    with pytest.raises(KeptScoresError, match="1 of 2 texts"):
        read_kept([path]).probabilities([TEXTS[0], "never scored"])


def test_several_files_of_one_model_are_one_and_of_two_models_are_refused(
    remembering: RememberingClassifier, tmp_path: Path
) -> None:
    paths = [tmp_path / "one.json.gz", tmp_path / "two.json.gz"]
    remembering.score(TEXTS[:1])
    write_kept(paths[0], remembering)
    remembering.remembered.clear()
    remembering.score(TEXTS[1:])
    write_kept(paths[1], remembering)

    assert read_kept(paths).by_digest.keys() == {digest_of(text) for text in TEXTS}
    content = json.loads(gzip.decompress(paths[1].read_bytes()))
    paths[1].write_bytes(gzip.compress(json.dumps(content | {"model": "another"}).encode()))
    with pytest.raises(KeptScoresError, match=rf"\['another', '{remembering.manifest.model}'\]"):
        read_kept(paths)
    with pytest.raises(KeptScoresError, match="none"):
        read_kept([])


def test_a_file_of_something_else_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "other.json.gz"
    path.write_bytes(b"not gzip")

    with pytest.raises(KeptScoresError, match=r"other\.json\.gz"):
        read_kept([path])


def test_a_text_as_sent_and_as_normalised_have_one_digest() -> None:
    assert digest_of("B\u200boat  to   the coast") == digest_of("Boat to the coast")
    assert digest_of("a boat") != digest_of("a goat")
