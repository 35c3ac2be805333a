"""Lurewatch in process, normalisation, tokenisation, language and records included."""

from __future__ import annotations

import inspect
from collections.abc import Sequence

from benchmarks.speed.contenders.contender import Judgement, Name, Setting
from classifier.classifier import Classifier
from classifier.labels import LABELS, Stage
from classifier.records import Rejection


class Lurewatch:
    """The classifier sorts and batches by itself, within what it is handed at once."""

    batches = (512, 2048)

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    def judge(self, texts: Sequence[str], batch: int) -> list[Judgement]:
        judgements = []
        for at in range(0, len(texts), batch):
            for score in self._classifier.score(texts[at : at + batch]):
                assert not isinstance(score, Rejection), score
                flagged = tuple(label in score.labels for label in LABELS)
                judgements.append(Judgement(flagged, score.stage is Stage.SCREEN))
        return judgements


def has_screen_parameter() -> bool:
    """Whether this version of the classifier can be told to use a screen, or not to."""
    return "screen" in inspect.signature(Classifier.load).parameters


def build(name: Name, setting: Setting) -> Lurewatch:
    which = {"screen": name is Name.CASCADE} if has_screen_parameter() else {}
    return Lurewatch(Classifier.load(setting.model, threads=setting.threads, **which))
