"""What has been counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from classifier.labels import Route
from classifier.records import Rejection, Score


@dataclass(frozen=True, slots=True)
class Tally:
    """What has been done so far. `flagged` are the scored rows that are routed to a person.

    All counts include what earlier runs did for the same output, which is `resumed` rows;
    `seconds` are those of this run.
    """

    scored: int = 0
    flagged: int = 0
    rejected: int = 0
    seconds: float = 0.0
    chunks: int = 0
    resumed: int = 0

    @property
    def rows(self) -> int:
        return self.scored + self.rejected

    @property
    def rows_per_second(self) -> float:
        return (self.rows - self.resumed) / self.seconds if self.seconds else 0.0

    def plus(self, chunk: Tally) -> Tally:
        """Add the counts of further chunks."""
        return replace(
            self,
            scored=self.scored + chunk.scored,
            flagged=self.flagged + chunk.flagged,
            rejected=self.rejected + chunk.rejected,
            chunks=self.chunks + chunk.chunks,
        )


NOTHING_DONE = Tally()


def tally_of(records: Sequence[Score | Rejection]) -> Tally:
    """Count the records of one chunk."""
    scores = [record for record in records if isinstance(record, Score)]
    flagged = sum(score.route is not Route.CLEAR for score in scores)
    return Tally(len(scores), flagged, len(records) - len(scores), chunks=1)
