from __future__ import annotations

import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from classifier import artifact
from classifier.artifact import Manifest, read_manifest
from classifier.calibration import UNCALIBRATED, BetaCalibration
from classifier.classifier import Classifier
from classifier.errors import ArtifactMismatchError
from classifier.labels import LABELS, Route, Stage
from classifier.records import Score
from classifier.screen import (
    PAIR_BITS,
    PAIR_SCALE,
    PAIRS,
    SCRIPT,
    TOKEN_SCALE,
    TOKENS,
    Screen,
    ScreenRule,
    pair_keys,
)
from classifier.screen_network import ScreenNetwork
from classifier.tokenizer import UNKNOWN
from classifier.word_table import BLOCK, WordTable, pack
from tests.builders import random_network, random_screen
from training.screen.distil import add_screen

PIECES = 50
RNG = np.random.default_rng(3)
WORDS = WordTable(pack(RNG.normal(size=(PIECES, BLOCK)).astype(np.float32)))
RULE = ScreenRule(
    cut=0.0,
    scripts=("none", "latin", "arabic"),
    evidenced=("latin",),
    calibration=dict.fromkeys(LABELS, BetaCalibration("platt", 0.5, 0.5, -1.0)),
    support={"lost": 3},
)
TENSORS = {
    TOKENS: RNG.integers(-127, 128, (PIECES, len(LABELS)), np.int8),
    TOKEN_SCALE: np.array([0.01, 0.02], np.float32),
    PAIRS: RNG.integers(-127, 128, (1 << PAIR_BITS, len(LABELS)), np.int8),
    PAIR_SCALE: np.array([0.005, 0.003], np.float32),
    **random_network(RNG, BLOCK),
    # Piece 4 and up: letters, Latin the even ones, Arabic the odd.
    SCRIPT: np.array([0] * 4 + [1 + piece % 2 for piece in range(4, PIECES)], np.uint8),
}
SCREEN = Screen(TENSORS, RULE, WORDS)


def by_hand(ids: list[int]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    counted = sum(TENSORS[TOKENS][piece] * TENSORS[TOKEN_SCALE].astype(float) for piece in ids)
    for first, second in pairwise(ids):
        (key,) = pair_keys(np.array([first]), np.array([second]))
        counted = counted + TENSORS[PAIRS][key] * TENSORS[PAIR_SCALE].astype(float)
    (meant,) = ScreenNetwork(TENSORS, WORDS).logits([ids])
    return np.asarray(counted / np.sqrt(len(ids) + 2) + meant, np.float64)


def test_a_logit_is_the_sum_of_tokens_pairs_and_network() -> None:
    windows = [[5], [6, 7, 6, 7, 9], RNG.integers(4, PIECES, 40).tolist()]
    found = SCREEN.logits(windows)
    np.testing.assert_allclose(found, np.stack([by_hand(ids) for ids in windows]), atol=1e-3)


def test_a_text_is_judged_alike_alone_and_among_others() -> None:
    texts = [[RNG.integers(4, PIECES, n).tolist()] for n in RNG.integers(1, 60, 200)]
    together = SCREEN.worst(texts)
    alone = np.concatenate([SCREEN.worst([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-3)


def test_a_long_text_is_worth_its_worst_window() -> None:
    windows = [RNG.integers(4, PIECES, 30).tolist() for _ in range(3)]
    (worst,) = SCREEN.worst([windows])
    np.testing.assert_array_equal(worst, SCREEN.logits(windows).max(axis=0))
    assert SCREEN.worst([]).shape == (0, len(LABELS))


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ([4, 6, 8], True),  # Latin
        ([4, 6, 5], True),  # Latin for the most part
        ([5, 7, 8], False),  # Arabic, for which there is no evidence
        ([1, 1], False),  # no letters
        ([4, 6, 8, 10, 12, 14, 16, 18, 20, UNKNOWN], False),
    ],
)
def test_only_a_text_of_evidenced_script_and_known_pieces_may_be_cleared(
    ids: list[int], expected: bool
) -> None:
    assert SCREEN.may_clear([ids]).tolist() == [expected]


def test_a_rule_comes_back_from_its_table() -> None:
    assert ScreenRule.from_dict(RULE.to_dict()) == RULE


@pytest.fixture(scope="module")
def screened(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("screened") / "model"
    shutil.copytree(tiny_model, folder)
    add_screen(folder, *random_screen(folder, TEXTS))
    return folder


TEXTS = [f"a seat in boat number {n}, {word}" for n in range(40) for word in ("now", "never")]


def scores_of(classifier: Classifier, *, explain: bool = False) -> list[Score]:
    answers = classifier.score(TEXTS, explain=explain)
    return [answer for answer in answers if isinstance(answer, Score)]


def test_what_the_screen_clears_says_so_and_is_flagged_for_nothing(screened: Path) -> None:
    scores = scores_of(Classifier.load(screened, threads=1))
    cleared = [score for score in scores if score.stage is Stage.SCREEN]
    assert 0 < len(cleared) < len(scores)
    thresholds = read_manifest(screened).thresholds
    for score in cleared:
        assert score.route is Route.CLEAR
        assert score.labels == ()
        assert all(score.scores[label] < thresholds[label].review for label in LABELS)


def test_what_it_does_not_clear_is_scored_as_without_it(screened: Path) -> None:
    with_screen = scores_of(Classifier.load(screened, threads=1))
    without = scores_of(Classifier.load(screened, threads=1, screen=False))
    assert {score.stage for score in without} == {Stage.ENCODER}
    for found, expected in zip(with_screen, without, strict=True):
        if found.stage is Stage.ENCODER:
            for label in LABELS:
                assert found.scores[label] == pytest.approx(expected.scores[label], abs=0.01)


def test_an_explained_text_always_goes_to_the_encoder(screened: Path) -> None:
    scores = scores_of(Classifier.load(screened, threads=1), explain=True)
    assert {score.stage for score in scores} == {Stage.ENCODER}


def test_a_batch_is_screened_as_each_text_is_alone(screened: Path) -> None:
    classifier = Classifier.load(screened, threads=1)
    for text, together in zip(TEXTS, scores_of(classifier), strict=True):
        (alone,) = classifier.score([text])
        assert isinstance(alone, Score)
        assert alone.stage is together.stage


def test_a_manifest_that_names_a_screen_without_its_hash_is_refused(screened: Path) -> None:
    manifest = read_manifest(screened)
    files = {name: found for name, found in manifest.files.items() if name != artifact.SCREEN}
    with pytest.raises(ArtifactMismatchError, match="screen"):
        Manifest.from_json(replace(manifest, files=files).to_json())


def test_a_score_that_the_screen_itself_puts_at_the_bar_is_left_to_the_encoder(
    screened: Path,
) -> None:
    folder = screened.parent / "sceptic"
    shutil.copytree(screened, folder)
    tensors, rule = random_screen(folder, TEXTS)
    # Its logits are all under the cut, its probabilities all over the review thresholds.
    certain = BetaCalibration(UNCALIBRATED.kind, 1.0, 1.0, 50.0)
    add_screen(folder, tensors, replace(rule, cut=1e9, calibration=dict.fromkeys(LABELS, certain)))
    scores = scores_of(Classifier.load(folder, threads=1))
    assert {score.stage for score in scores} == {Stage.ENCODER}
