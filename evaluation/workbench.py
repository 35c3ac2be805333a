"""What the suites draw on, each part loaded when it is first asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from classifier.classifier import Classifier
from classifier.labels import Label
from classifier.routing import Thresholds
from data.progress import Track, untracked
from data.records import Example
from data.splits import load_split
from evaluation.baseline import Baseline, fit_baseline
from evaluation.metrics import Floats
from evaluation.predictions import Decisions, predict


class Workbench:
    """A data build and a model folder.

    `model` None is the model that ships; `held_out` is a file of out-of-fold scores.
    """

    def __init__(
        self,
        data: Path,
        model: Path | None = None,
        *,
        held_out: Path | None = None,
        with_baseline: bool = True,
        track: Track = untracked,
    ) -> None:
        self.data = data
        self.held_out = held_out
        self.with_baseline = with_baseline
        self.track = track
        self._model = model

    @cached_property
    def classifier(self) -> Classifier:
        return Classifier.load(self._model)

    @property
    def thresholds(self) -> Mapping[Label, Thresholds]:
        return self.classifier.manifest.thresholds

    @cached_property
    def test(self) -> list[Example]:
        return load_split(self.data, "test")

    def predict(self, examples: Sequence[Example], step: str) -> Decisions:
        return predict(self.classifier, examples, self.track, step)

    def baseline(self, examples: Sequence[Example]) -> Floats | None:
        """The baseline's probabilities, [n, labels]; None where it was declined."""
        if not self.with_baseline:
            return None
        return self._baseline.probabilities([example.text for example in examples])

    @cached_property
    def _baseline(self) -> Baseline:
        return fit_baseline(load_split(self.data, "train"), load_split(self.data, "validation"))
