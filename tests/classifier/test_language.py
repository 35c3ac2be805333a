from __future__ import annotations

import numpy as np

from classifier.classifier import Classifier
from classifier.language import UNDETERMINED, LanguageGuesser
from classifier.records import Score
from tests.builders import TINY_LANGUAGES

GUESSER = LanguageGuesser(
    ("en", "fr", "ar"), np.eye(3, dtype=np.float16), np.zeros(3, dtype=np.float16)
)


def test_the_likeliest_language_is_named() -> None:
    assert GUESSER.guess(np.array([0, 5, 1], np.float32)) == "fr"


def test_an_uncertain_guess_is_undetermined() -> None:
    assert GUESSER.guess(np.zeros(3, np.float32)) == UNDETERMINED


def test_a_model_names_its_own_languages_only(classifier: Classifier) -> None:
    answers = classifier.score(["boat to Italy", "مركب إلى أوروبا", "船", "x"])
    found = {answer.language for answer in answers if isinstance(answer, Score)}
    assert found <= {*TINY_LANGUAGES, UNDETERMINED}
