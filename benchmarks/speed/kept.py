"""What a contender finds: of the labelled positives, and of what the encoder finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.speed.contenders.contender import Judgement
from benchmarks.speed.streams import Item
from evaluation.rare import exact_interval


@dataclass(frozen=True, slots=True)
class Share:
    """`found` of `of`, with the exact 95 % interval of the share; None where `of` is 0."""

    found: int
    of: int
    low: float | None
    high: float | None

    @classmethod
    def count(cls, outcomes: Iterable[bool]) -> Share:
        known = list(outcomes)
        found = sum(known)
        low, high = exact_interval(found, len(known)) if known else (None, None)
        return cls(found, len(known), low, high)

    @property
    def value(self) -> float | None:
        return self.found / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class ScriptLoss:
    """How many of the encoder's positives in a script were lost."""

    script: str
    lost: int
    of: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A text counts as found where any label reaches its review threshold.

    `of_labels`: of the texts with a positive label. `of_encoder`: of the texts that the encoder
    finds; `of_encoder_true`: of those with a positive label among them; `losses`: by script, worst
    first, scripts without a loss left out. `flagged` and `passed`: of all texts, those found, and
    those that a screen alone cleared.
    """

    of_labels: Share
    of_encoder: Share | None
    of_encoder_true: Share | None
    losses: tuple[ScriptLoss, ...]
    flagged: Share
    passed: Share


def kept(
    items: Sequence[Item],
    judgements: Sequence[Judgement],
    encoder: Sequence[Judgement] | None = None,
) -> Kept:
    """Judgements of `items`, in order; `encoder` has the encoder's of the same."""
    found = [any(judgement.flagged) for judgement in judgements]
    positive = [any(item.truths) for item in items]
    of_encoder = of_true = None
    losses: tuple[ScriptLoss, ...] = ()
    if encoder is not None:
        by_encoder = [any(judgement.flagged) for judgement in encoder]
        rows = list(zip(items, found, by_encoder, positive, strict=True))
        of_encoder = Share.count(own for _, own, theirs, _ in rows if theirs)
        of_true = Share.count(own for _, own, theirs, true in rows if theirs and true)
        losses = _losses((item.script, own) for item, own, theirs, _ in rows if theirs)
    return Kept(
        of_labels=Share.count(own for own, true in zip(found, positive, strict=True) if true),
        of_encoder=of_encoder,
        of_encoder_true=of_true,
        losses=losses,
        flagged=Share.count(found),
        passed=Share.count(judgement.passed for judgement in judgements),
    )


def _losses(outcomes: Iterable[tuple[str, bool]]) -> tuple[ScriptLoss, ...]:
    lost: Counter[str] = Counter()
    of: Counter[str] = Counter()
    for script, own in outcomes:
        of[script] += 1
        lost[script] += not own
    found = [ScriptLoss(script, n, of[script]) for script, n in lost.items() if n]
    return tuple(sorted(found, key=lambda loss: (-loss.lost / loss.of, loss.script)))
