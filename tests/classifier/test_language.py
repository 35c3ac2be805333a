from __future__ import annotations

import numpy as np

from classifier.classifier import Classifier
from classifier.language import UNDETERMINED, LanguageGuesser, PieceLanguages
from classifier.records import Score
from classifier.word_table import BLOCK, WordTable, pack
from tests.builders import TINY_LANGUAGES

GUESSER = LanguageGuesser(
    ("en", "fr", "ar"), np.eye(3, dtype=np.float16), np.zeros(3, dtype=np.float16)
)


def test_the_likeliest_language_is_named() -> None:
    assert GUESSER.guess(np.array([0, 5, 1], np.float32)) == "fr"


def test_an_uncertain_guess_is_undetermined() -> None:
    assert GUESSER.guess(np.zeros(3, np.float32)) == UNDETERMINED


def test_many_are_guessed_as_each_is() -> None:
    means = np.random.default_rng(1).normal(size=(50, 3)).astype(np.float32)
    together = GUESSER.guess_all(means)
    assert together == [GUESSER.guess(mean) for mean in means]
    assert UNDETERMINED in together


def test_pieces_say_together_what_their_mean_word_says() -> None:
    rng = np.random.default_rng(2)
    table = WordTable(pack(rng.normal(size=(40, BLOCK)).astype(np.float32)))
    guesser = LanguageGuesser(("en", "fr", "ar"), rng.normal(size=(3, BLOCK)), np.zeros(3))
    pieces = PieceLanguages(table, guesser)
    ids = [rng.integers(0, 40, size=length).tolist() for length in rng.integers(1, 9, size=150)]
    expected = [guesser.guess(table.rows(np.array(row)).mean(axis=0)) for row in ids]
    assert pieces.guess_all(ids) == expected
    assert pieces.guess_all(ids[:3]) == expected[:3]
    assert pieces.guess_all([]) == []


def test_a_model_names_its_own_languages_only(classifier: Classifier) -> None:
    answers = classifier.score(["boat to Italy", "مركب إلى أوروبا", "船", "x"])
    found = {answer.language for answer in answers if isinstance(answer, Score)}
    assert found <= {*TINY_LANGUAGES, UNDETERMINED}
