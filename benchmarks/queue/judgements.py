"""Judgements that are random and lawful, for clients that only need to decide."""

from __future__ import annotations

import random

from classifier.labels import LABELS
from serving.review.reasons import REASONS
from serving.review.records import Decided, Judgement


def judgement(rng: random.Random, note: str | None = None) -> Judgement:
    """Its labels and its action go with its reason."""
    reason = rng.choice(list(REASONS.values()))
    unsaid = rng.choice((False, None))
    return Judgement(
        labels={label: True if label is reason.label else unsaid for label in LABELS},
        action=Decided.REMOVE if reason.label else Decided.NONE,
        reason=reason.code,
        note=note,
    )
