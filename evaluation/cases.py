"""The texts on which two models are compared, by the suite that they belong to.

And for each suite the figures that decide, named before anything is measured: ranking where the
rows are a sample, right decisions where the rows were made to be decided.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from data.records import Example
from evaluation.attacks import ATTACKS
from evaluation.sets.functional import read_functional
from evaluation.suites import benign, contrast, evasion
from evaluation.workbench import Workbench


@dataclass(frozen=True, slots=True)
class Cases:
    """`rows` gives the labelled texts, none where the data are not there."""

    rows: Callable[[Workbench], list[Example]]
    decisive: tuple[str, ...]


def _of_source(source: str, bench: Workbench) -> list[Example]:
    return [example for example in bench.test if example.source == source]


def _disguised(bench: Workbench) -> list[Example]:
    """Every row that an attack changed, once for each attack."""
    return [
        disguised
        for example in evasion.sample(bench.test)
        for attack in ATTACKS.values()
        if (disguised := attack.on(example)).text != example.text
    ]


COMPARABLE: Mapping[str, Cases] = MappingProxyType(
    {
        "corpus-test": Cases(partial(_of_source, "corpus"), ("average_precision",)),
        "emscad-test": Cases(partial(_of_source, "emscad"), ("average_precision",)),
        benign.NAME: Cases(lambda bench: benign.sample(bench.test, benign.SOURCES), ("accuracy",)),
        "functional": Cases(lambda _: [case.example for case in read_functional()], ("accuracy",)),
        contrast.NAME: Cases(lambda bench: contrast.contrasting(bench.test), ("groups_right",)),
        evasion.NAME: Cases(_disguised, ("average_precision",)),
    }
)
