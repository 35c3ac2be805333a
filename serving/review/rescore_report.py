"""What a run of scoring anew finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from classifier.labels import Label, Route
from classifier.records import Score
from serving.review.models import Item

MAX_FLIPS = 1_000
"""How many flips a report names one by one; it counts them all."""


@dataclass(frozen=True, slots=True)
class Flip:
    """An item whose route the new score changes."""

    item_id: str
    before: Route
    after: Route
    scores_before: Mapping[Label, float]
    scores_after: Mapping[Label, float]


@dataclass(frozen=True, slots=True)
class RescoreReport:
    """What scoring anew did, or would do. `flipped` counts by route before and after.

    `next` is what a run goes on `after`; None at the end.
    """

    model: str
    policy: str
    dry_run: bool
    items: int
    left_queue: int
    flipped: Mapping[tuple[Route, Route], int]
    flips: tuple[Flip, ...]
    next: str | None


class Tally:
    """What a run has found so far."""

    def __init__(self, model: str, policy: str, dry_run: bool) -> None:
        self.model = model
        self.policy = policy
        self.dry_run = dry_run
        self._items = 0
        self._left = 0
        self._flipped: Counter[tuple[Route, Route]] = Counter()
        self._flips: list[Flip] = []

    def add(self, item: Item, score: Score, *, leaves: bool) -> None:
        """Count `item`, whose row still holds its old score."""
        self._items += 1
        self._left += leaves
        before = Route(item.route)
        if before is score.route:
            return
        self._flipped[before, score.route] += 1
        if len(self._flips) < MAX_FLIPS:
            old = {Label.SMUGGLING_SERVICE: item.smuggling_service, Label.FAKE_JOB: item.fake_job}
            self._flips.append(Flip(item.id, before, score.route, old, score.scores))

    def report(self, next_after: str | None) -> RescoreReport:
        return RescoreReport(
            model=self.model,
            policy=self.policy,
            dry_run=self.dry_run,
            items=self._items,
            left_queue=self._left,
            flipped=dict(self._flipped),
            flips=tuple(self._flips),
            next=next_after,
        )
