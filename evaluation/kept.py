"""Scores kept in a file, so that a model can be compared with after its weights are gone.

A text is known by a hash: the file tells nothing of texts that may not be passed on. Gzipped JSON
with the model's name, its thresholds and, by hash, the probabilities in the order of LABELS.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from classifier.artifact import Manifest
from classifier.classifier import Classifier
from classifier.labels import LABELS, Label
from classifier.records import Post, Rejection, Score
from classifier.text import normalise
from evaluation.errors import KeptScoresError, UnscorableExampleError
from evaluation.metrics import Floats

_DIGEST_BYTES = 8
_DIGITS = 4


class RememberingClassifier(Classifier):
    """A classifier that scores no text twice: suites share rows and run once for each baseline."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.remembered: dict[str, Score | Rejection] = {}

    def score(
        self, posts: Sequence[Post | str], *, explain: bool = False
    ) -> list[Score | Rejection]:
        """As `Classifier.score`; what is explained is not remembered."""
        if explain:
            return super().score(posts, explain=True)
        named = [
            Post(str(number), post) if isinstance(post, str) else post
            for number, post in enumerate(posts, start=1)
        ]
        new = list(dict.fromkeys(p.text for p in named if p.text not in self.remembered))
        self.remembered |= dict(zip(new, super().score(new), strict=True))
        return [replace(self.remembered[post.text], id=post.id) for post in named]


@dataclass(frozen=True, slots=True)
class KeptScores:
    """A model's name, its review thresholds and its probabilities by the hash of a text."""

    model: str
    cuts: Mapping[Label, float]
    by_digest: Mapping[str, tuple[float, ...]]

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Of texts, normalised or not, [n, labels].

        Raises KeptScoresError, with how many are missing, unless every text has a kept score.
        """
        found = [self.by_digest.get(digest_of(text)) for text in texts]
        missing = found.count(None)
        if missing:
            raise KeptScoresError(
                f"{missing:,} of {len(texts):,} texts have no score kept of {self.model}; measure "
                "with its model folder, or keep its scores anew with --keep-scores"
            )
        return np.array(found, dtype=np.float64).reshape(-1, len(LABELS))


@dataclass(frozen=True, slots=True)
class ScoredByModel:
    """A model as a user meets it: what it says of a text, and its review thresholds."""

    classifier: Classifier

    @property
    def cuts(self) -> Mapping[Label, float]:
        return review_cuts(self.classifier.manifest)

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Of texts, normalised or not, [n, labels].

        Raises UnscorableExampleError when one is rejected.
        """
        rows = []
        for answer in self.classifier.score(texts):
            if isinstance(answer, Rejection):
                raise UnscorableExampleError(
                    f"text {answer.id} was rejected ({answer.error}); a text to be measured on, "
                    "disguised or not, must hold words"
                )
            rows.append([answer.scores[label] for label in LABELS])
        return np.array(rows, dtype=np.float64).reshape(-1, len(LABELS))


def digest_of(text: str) -> str:
    """The same for a text as sent and as normalised."""
    encoded = normalise(text).encode("utf-8", "surrogatepass")
    return hashlib.sha256(encoded).digest()[:_DIGEST_BYTES].hex()


def review_cuts(manifest: Manifest) -> dict[Label, float]:
    return {label: manifest.thresholds[label].review for label in LABELS}


def write_kept(path: Path, classifier: RememberingClassifier) -> int:
    """Keep all that the classifier has scored; returns how many. Equal scores, equal bytes."""
    scores = {
        digest_of(text): [_short(answer.scores[label]) for label in LABELS]
        for text, answer in classifier.remembered.items()
        if isinstance(answer, Score)
    }
    cuts = review_cuts(classifier.manifest)
    content = {
        "model": classifier.manifest.model,
        "review": {label.value: cut for label, cut in cuts.items()},
        "scores": {digest: scores[digest] for digest in sorted(scores)},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    text = json.dumps(content, separators=(",", ":")).encode()
    part.write_bytes(gzip.compress(text, mtime=0))
    part.replace(path)
    return len(scores)


def read_kept(paths: Iterable[Path]) -> KeptScores:
    """The scores of one model from one file or several.

    Raises KeptScoresError when there is none, one cannot be read, or they are of two models.
    """
    kept = [_read(path) for path in paths]
    models = sorted({scores.model for scores in kept})
    if len(models) != 1:
        raise KeptScoresError(
            f"expected the kept scores of one model and found those of {models or 'none'}; "
            "write them with `lurewatch evaluate SUITE --keep-scores FILE`"
        )
    merged: dict[str, tuple[float, ...]] = {}
    for scores in kept:
        merged |= scores.by_digest
    return replace(kept[0], by_digest=merged)


def _read(path: Path) -> KeptScores:
    try:
        content = json.loads(gzip.decompress(path.read_bytes()))
        return KeptScores(
            model=str(content["model"]),
            cuts={label: float(content["review"][label.value]) for label in LABELS},
            by_digest={digest: tuple(row) for digest, row in content["scores"].items()},
        )
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeptScoresError(
            f"{path} should hold kept scores and cannot be read ({error!r}); "
            "write it with `lurewatch evaluate SUITE --keep-scores FILE`"
        ) from error


def _short(probability: float) -> float:
    """To four significant digits, since the order among small ones counts."""
    return float(f"{probability:.{_DIGITS}g}")
