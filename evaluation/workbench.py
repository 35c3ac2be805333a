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
from evaluation.baselines import TFIDF, BaselineSources
from evaluation.baselines.baseline import Baseline
from evaluation.kept import RememberingClassifier
from evaluation.metrics import Floats
from evaluation.predictions import Decisions, predict


class Workbench:
    """A data build and a model folder, with one baseline to measure against.

    `model` None is the model that ships; `held_out` is a file of out-of-fold scores. Copies made
    by `against` share everything that was loaded.
    """

    def __init__(
        self,
        data: Path,
        model: Path | None = None,
        *,
        held_out: Path | None = None,
        with_baseline: bool = True,
        track: Track = untracked,
        sources: BaselineSources | None = None,
    ) -> None:
        self.data = data
        self.held_out = held_out
        self.rival: str | None = TFIDF if with_baseline else None
        self.track = track
        self._shared = _Shared(data, model, sources or BaselineSources())

    def against(self, rival: str | None) -> Workbench:
        """The same with another baseline, None for none."""
        other = Workbench(self.data, held_out=self.held_out, track=self.track)
        other.rival = rival
        other._shared = self._shared
        return other

    @property
    def with_baseline(self) -> bool:
        return self.rival is not None

    @property
    def rivals(self) -> tuple[str, ...]:
        """The baselines that can be had, the one to start with first."""
        return self._shared.sources.names

    @property
    def classifier(self) -> RememberingClassifier:
        return self._shared.classifier

    @property
    def screened(self) -> Classifier:
        """The same model with its screen; the classifier of the other suites has none."""
        return self._shared.screened

    @property
    def thresholds(self) -> Mapping[Label, Thresholds]:
        return self.classifier.manifest.thresholds

    @property
    def test(self) -> list[Example]:
        return self._shared.test

    def predict(self, examples: Sequence[Example], step: str) -> Decisions:
        return predict(self.classifier, examples, self.track, step)

    def baseline(self, examples: Sequence[Example]) -> Floats | None:
        """The baseline's probabilities, [n, labels]; None where it was declined.

        Raises KeptScoresError where it knows only some texts and these are others.
        """
        if self.rival is None:
            return None
        return self.baseline_named(self.rival).probabilities([e.text for e in examples])

    def baseline_named(self, name: str) -> Baseline:
        """Raises UsageError for a name that is not among `rivals`."""
        return self._shared.baseline(name)


class _Shared:
    """What all copies of a workbench load once between them."""

    def __init__(self, data: Path, model: Path | None, sources: BaselineSources) -> None:
        self.data = data
        self.model = model
        self.sources = sources
        self._baselines: dict[str, Baseline] = {}

    @cached_property
    def classifier(self) -> RememberingClassifier:
        return RememberingClassifier.load(self.model, screen=False)

    @cached_property
    def screened(self) -> Classifier:
        return Classifier.load(self.model)

    @cached_property
    def test(self) -> list[Example]:
        return load_split(self.data, "test")

    def baseline(self, name: str) -> Baseline:
        if name not in self._baselines:
            self._baselines[name] = self.sources.build(name, self.data)
        return self._baselines[name]
