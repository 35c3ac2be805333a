"""What a suite is and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from data.records import Example
from evaluation.figures import Figure
from evaluation.workbench import Workbench


@dataclass(frozen=True, slots=True)
class SuiteReport:
    """The figures of one suite, or why there are none (`absent`).

    `unmeasured` gives the baselines that could not be measured on it, and why.
    """

    suite: str
    rows: int
    groups: int
    figures: tuple[Figure, ...]
    absent: str | None = None
    unmeasured: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {
            "suite": self.suite,
            "absent": self.absent,
            "unmeasured": dict(self.unmeasured),
            "rows": self.rows,
            "groups": self.groups,
            "figures": [figure.to_dict() for figure in self.figures],
        }


@dataclass(frozen=True, slots=True)
class Suite:
    """A named test: `run` measures it, or says in its report that its data are not there."""

    name: str
    summary: str
    run: Callable[[Workbench], SuiteReport]
    needs_model: bool = True


def measured(suite: str, examples: list[Example], figures: list[Figure]) -> SuiteReport:
    groups = len({example.group for example in examples})
    return SuiteReport(suite, len(examples), groups, tuple(figures))


def absent(suite: str, reason: str) -> SuiteReport:
    return SuiteReport(suite, 0, 0, (), absent=reason)
