from __future__ import annotations

import numpy as np

from classifier.classifier import Classifier
from classifier.language import UNDETERMINED, LanguageGuesser
from classifier.records import Score
from classifier.word_table import BLOCK, WordTable, pack
from tests.builders import TINY_LANGUAGES

# Piece 0 says nothing; pieces 1 to 3 each speak for one language.
WORDS = WordTable(pack(np.eye(4, BLOCK, -1, np.float32) * 8))
GUESSER = LanguageGuesser(
    ("en", "fr", "ar"), WORDS, np.eye(3, BLOCK, dtype=np.float16), np.zeros(3, np.float16)
)


def test_the_likeliest_language_is_named() -> None:
    assert GUESSER.guess_all([[2, 2, 1]]) == ["fr"]


def test_an_uncertain_guess_is_undetermined() -> None:
    assert GUESSER.guess_all([[0, 0]]) == [UNDETERMINED]


def test_many_are_guessed_as_each_is() -> None:
    rng = np.random.default_rng(1)
    ids = [rng.integers(0, 4, size=length).tolist() for length in rng.integers(1, 9, size=150)]
    together = GUESSER.guess_all(ids)
    assert together == [GUESSER.guess_all([row])[0] for row in ids]
    assert UNDETERMINED in together
    assert GUESSER.guess_all([]) == []


def test_a_model_names_its_own_languages_only(classifier: Classifier) -> None:
    answers = classifier.score(["boat to Italy", "مركب إلى أوروبا", "船", "x"])
    found = {answer.language for answer in answers if isinstance(answer, Score)}
    assert found <= {*TINY_LANGUAGES, UNDETERMINED}
