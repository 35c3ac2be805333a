"""Which item comes next: ranks that are computed once and do not change with time.

The rank of harm is `log2(harm per minute) - waiting since / HALF_LIFE`. An item's urgency doubles
with each `HALF_LIFE` of waiting, so at any moment the order is the order of this number: an index
can serve it, and nothing starves. The harms that occur span about 2^22, so the least of them is
overtaken for five and a half days at most by what nobody flagged.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from classifier.labels import FACET_LABEL, LABELS, Facet, Label
from classifier.records import Score
from classifier.routing import Thresholds
from serving.review.records import Ranks, Source

HALF_LIFE = timedelta(hours=6)
"""Waiting that long counts as much as twice the harm."""

DOUBT_UNIT = timedelta(days=1)
"""Waiting that long counts as much as being nearer to the threshold by 1 in log-odds."""

HEAD_START: Mapping[Source, timedelta] = MappingProxyType(
    {
        Source.VOLUNTARY: timedelta(0),
        Source.USER_NOTICE: timedelta(days=1),
        Source.TRUSTED_FLAGGER: timedelta(days=14),
    }
)
"""As if it had waited that long already. Trusted flaggers come first (DSA, article 22)."""

SEVERITY: Mapping[Facet, float] = MappingProxyType(
    {
        Facet.TRANSPORT: 8,
        Facet.STAFF: 6,
        Facet.LOGISTICS: 6,
        Facet.DOCUMENTS: 4,
        Facet.STATUS: 3,
        Facet.COMPOUND: 8,
        Facet.EXPLOITATION: 8,
        Facet.DEBT_OR_DOCUMENTS: 8,
        Facet.MULE: 4,
        Facet.ADVANCE_FEE: 3,
        Facet.IMPERSONATION: 3,
        Facet.TASK: 2,
        Facet.BAIT: 2,
    }
)
"""How bad it is where it is true: 8 may cost a life or freedom, 2 costs money. A judgement."""

UNEXPLAINED_SEVERITY = 4.0
"""Where the facets were not computed, as for what the model cleared."""

UNKNOWN_REACH = 100
"""How many people are taken to have seen a post whose platform does not say."""

CHARACTERS_PER_MINUTE = 1_000
MINUTES_TO_DECIDE = 0.25
"""On top of reading."""

LEAST_HARM = 1e-4
"""Below that, scores are noise; it also bounds how long the least harmful can wait."""

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)  # any moment; a near one keeps the digits


class Strategy(StrEnum):
    """What claim-next brings."""

    HARM = "harm"
    OLDEST = "oldest"
    DOUBT = "doubt"


class Slot(StrEnum):
    """One of the orders that claim-next can take an item from."""

    HARM = "harm"
    DOUBT = "doubt"
    AGE = "age"
    SAMPLE = "sample"
    ESCALATED = "escalated"


SLOTS: Mapping[Strategy, Mapping[Slot, float]] = MappingProxyType(
    {
        Strategy.HARM: MappingProxyType({Slot.HARM: 0.85, Slot.DOUBT: 0.1, Slot.SAMPLE: 0.05}),
        Strategy.OLDEST: MappingProxyType({Slot.AGE: 1.0}),
        Strategy.DOUBT: MappingProxyType({Slot.DOUBT: 0.95, Slot.SAMPLE: 0.05}),
    }
)
"""The share of claims that each order gets; the first one also serves where another is empty."""


def slot_at(strategy: Strategy, draw: float) -> Slot:
    """The slot for a `draw` that is uniform in [0, 1)."""
    for slot, share in SLOTS[strategy].items():
        if draw < share:
            return slot
        draw -= share
    return main_slot(strategy)


def main_slot(strategy: Strategy) -> Slot:
    return next(iter(SLOTS[strategy]))


def ranks(
    score: Score,
    thresholds: Mapping[Label, Thresholds],
    *,
    source: Source,
    reach: int | None,
    characters: int,
    waiting_since: datetime,
) -> Ranks:
    """The three ranks of an item; larger is sooner. `waiting_since` is when it joined the queue."""
    since = waiting_since - HEAD_START[source] - _EPOCH
    return Ranks(
        harm=math.log2(max(harm_per_minute(score, reach, characters), LEAST_HARM))
        - since / HALF_LIFE,
        doubt=-distance_to_threshold(score, thresholds) - since / DOUBT_UNIT,
        age=-(waiting_since - _EPOCH).total_seconds(),
    )


def harm_per_minute(score: Score, reach: int | None, characters: int) -> float:
    """Expected harm that a minute of a moderator prevents: a number to compare, without a unit."""
    harm = sum(score.scores[label] * severity(score, label) for label in LABELS)
    minutes = MINUTES_TO_DECIDE + characters / CHARACTERS_PER_MINUTE
    return harm * reach_weight(reach) / minutes


def severity(score: Score, label: Label) -> float:
    facet = strongest_facet(score, label)
    return UNEXPLAINED_SEVERITY if facet is None else SEVERITY[facet]


def reach_weight(reach: int | None) -> float:
    """1 for nobody, and one more for each tenfold: a thousand readers are no thousand victims."""
    return 1 + math.log10(1 + (UNKNOWN_REACH if reach is None else reach))


def strongest_facet(score: Score, label: Label | None = None) -> Facet | None:
    """The likeliest facet, of `label` or of any; None where the score is not explained."""
    facets = {
        facet: p
        for facet, p in (score.facets or {}).items()
        if label is None or FACET_LABEL[facet] is label
    }
    return max(facets, key=lambda facet: facets[facet], default=None)


def distance_to_threshold(score: Score, thresholds: Mapping[Label, Thresholds]) -> float:
    """How far the nearest label is from its review threshold, in log-odds."""
    return min(
        abs(_logit(score.scores[label]) - _logit(thresholds[label].review)) for label in LABELS
    )


def _logit(probability: float) -> float:
    p = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(p / (1 - p))
