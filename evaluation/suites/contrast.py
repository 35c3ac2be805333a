"""Groups of the corpus that hold twins of different labels, right only when every member is.

Such texts share a theme and most of their words; a model that reads the topic alone gets about
half of the rows and none of the groups.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from classifier.labels import LABELS
from data.records import Example
from evaluation.contenders import COLUMNS, Contender, line_up
from evaluation.figures import Figure
from evaluation.shares import mean_figure, rows_right, sets_right
from evaluation.slices import Slice, cut
from evaluation.suites.suite import Suite, SuiteReport, absent, measured
from evaluation.workbench import Workbench

NAME = "contrast"

_MANY = 5
"""Groups of this size and more are told together."""


def run(bench: Workbench) -> SuiteReport:
    examples = contrasting(bench.test)
    if not examples:
        return absent(NAME, f"the test split in {bench.data} has no contrast groups of the corpus")
    model, baseline = line_up(bench, examples, NAME)
    figures: list[Figure] = []
    for column, label in enumerate(COLUMNS):
        chosen = np.array([differs(label, group) for group in groups_of(examples).values()])
        ours = _whole(model, examples, column)
        theirs = None if baseline is None else _whole(baseline, examples, column)
        names = np.array(list(groups_of(examples)))
        figures += [
            mean_figure(
                label,
                piece,
                "groups_right",
                names[piece.rows].tolist(),
                ours[piece.rows],
                None if theirs is None else theirs[piece.rows],
                positives=len(piece.rows),
            )
            for piece in _pieces(examples, chosen)
        ]
    return measured(NAME, examples, figures)


def contrasting(test: Sequence[Example]) -> list[Example]:
    """Rows of the corpus in groups whose members differ in their labels, in their order."""
    corpus = [example for example in test if example.source == "corpus"]
    kept = {name for name, group in groups_of(corpus).items() if differs("any", group)}
    return [example for example in corpus if example.group in kept]


def groups_of(examples: Sequence[Example]) -> dict[str, list[Example]]:
    """Members by group, groups in alphabetical order."""
    groups: dict[str, list[Example]] = {}
    for example in sorted(examples, key=lambda example: example.group):
        groups.setdefault(example.group, []).append(example)
    return groups


def differs(column: str, group: Sequence[Example]) -> bool:
    """Whether the truths of a label, or of all labels with `any`, differ within a group."""
    labels = [label for label in LABELS if column in (label.value, "any")]
    return any({True, False} <= {example.labels[label] for example in group} for label in labels)


def _pieces(examples: Sequence[Example], chosen: NDArray[np.bool_]) -> list[Slice]:
    """Slices of groups, by their place in alphabetical order.

    A group counts under the language of its first row; hardly any has rows in two.
    """
    groups = groups_of(examples)
    places = np.flatnonzero(chosen)
    first = [group[0] for group in groups.values()]
    by_language = cut([first[place] for place in places], ("overall", "language"))
    sizes = Counter(example.group for example in examples)
    by_size: dict[str, list[int]] = {}
    for place in places:
        size = sizes[first[place].group]
        name = str(size) if size < _MANY else f"{_MANY} and more"
        by_size.setdefault(name, []).append(int(place))
    return [
        *(replace(piece, rows=places[piece.rows]) for piece in by_language),
        *(Slice("members", name, np.array(by_size[name])) for name in sorted(by_size)),
    ]


def _whole(contender: Contender, examples: Sequence[Example], column: int) -> NDArray[np.bool_]:
    """Whether all members of each group are right for one of COLUMNS, groups in order."""
    right = rows_right(contender.before, examples)[:, column]
    whole = sets_right(right, [example.group for example in examples])
    return np.array(list(whole.values()), dtype=np.bool_)


CONTRAST = Suite(NAME, "groups of twins with different labels, every member right", run)
