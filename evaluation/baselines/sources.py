"""Which baselines can be had, and how each is made from a data build."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from classifier.errors import UsageError
from data.splits import load_split
from evaluation.baselines.baseline import Baseline
from evaluation.baselines.frozen import Embedder, fit_frozen
from evaluation.baselines.lexicon import read_lexicon
from evaluation.baselines.tfidf import fit_tfidf
from evaluation.kept import RememberingClassifier, ScoredByModel, read_kept

BASELINES = TFIDF, LEXICON, FROZEN, BEFORE = "tfidf", "lexicon", "frozen", "before"


@dataclass(frozen=True, slots=True)
class BaselineSources:
    """What the baselines are made from.

    `embed` is the frozen encoder. `before` is the folder of the model before, or files of its
    kept scores. A baseline without its source is not among `names`; `chosen` narrows them down.
    """

    embed: Embedder | None = None
    before: Path | Sequence[Path] = ()
    chosen: Sequence[str] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        found = [TFIDF, LEXICON]
        if self.embed is not None:
            found.append(FROZEN)
        if self.before:
            found.append(BEFORE)
        return tuple(name for name in found if self.chosen is None or name in self.chosen)

    def build(self, name: str, data: Path) -> Baseline:
        """Fit or read a baseline.

        Raises UsageError for one that is not to be had, TooFewRowsError when there is too little
        to fit, KeptScoresError when kept scores cannot be read.
        """
        if name == TFIDF:
            return fit_tfidf(load_split(data, "train"), load_split(data, "validation"))
        if name == LEXICON:
            return read_lexicon()
        if name == FROZEN and self.embed is not None:
            train, validation = load_split(data, "train"), load_split(data, "validation")
            return fit_frozen(train, validation, self.embed)
        if name == BEFORE and self.before:
            if isinstance(self.before, Path):
                return ScoredByModel(RememberingClassifier.load(self.before, screen=False))
            return read_kept(self.before)
        raise UsageError(f"the baselines to be had are {', '.join(self.names)}; found {name!r}")
