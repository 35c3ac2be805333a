"""Whether who is named, or which language is written, changes what a model decides.

Two questions. Swaps: does the decision on a post change when it is about somebody of another
nationality or faith? Gaps: how far apart are the false positive rates of languages, among the
corpus's hard negatives, and among ordinary public posts?
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from classifier.labels import LABELS
from data.languages import family_of, language_of
from data.records import Example
from evaluation.bootstrap import Estimate
from evaluation.contenders import COLUMNS, Contender, Flags, flags_at, line_up, negatives_of
from evaluation.disparity import false_positive_gap, figures_of
from evaluation.figures import Figure
from evaluation.metrics import Floats
from evaluation.sampling import sampled
from evaluation.sets.functional import read_functional
from evaluation.sets.identities import read_identities
from evaluation.shares import mean_figure
from evaluation.slices import LANGUAGE_ROWS, Slice, cut
from evaluation.suites.suite import Suite, SuiteReport, measured
from evaluation.swaps import Swap, Swapper
from evaluation.workbench import Workbench

NAME = "fairness"

PUBLIC_ROWS = LANGUAGE_ROWS
"""Of each language; enough to see a language that is flagged by mistake one time in twenty."""

_ANY = COLUMNS.index("any")


@dataclass(frozen=True, slots=True)
class Changes:
    """What swaps did: whether decisions changed, [swaps, COLUMNS], and by how much scores moved.

    `moved` [swaps, labels] is absolute; None for a contender without calibrated probabilities.
    """

    flipped: Flags
    moved: Floats | None


def run(bench: Workbench) -> SuiteReport:
    """Swaps on the test split and the functional cases, gaps on the test split's negatives."""
    swapper = Swapper(read_identities())
    texts = [*bench.test, *(case.example for case in read_functional())]
    swaps = [swap for example in texts for swap in swapper.swaps(example)]
    corpus = [example for example in bench.test if example.source == "corpus"]
    public = public_negatives(bench.test)
    distinct = {example.id: example for example in (*(s.example for s in swaps), *corpus, *public)}
    examples = list(distinct.values())
    model, baseline = line_up(bench, examples, NAME)
    place = {example.id: row for row, example in enumerate(examples)}
    originals = np.array([place[swap.example.id] for swap in swaps], dtype=np.intp)

    after = bench.predict([replace(s.example, text=s.text) for s in swaps], f"{NAME}: swaps")
    ours = Changes(
        flags_at(after.probabilities, model.cuts) != model.before[originals],
        np.abs(after.probabilities - model.clean[originals]),
    )
    theirs = None
    if baseline is not None:
        swapped = baseline.flagged([swap.text for swap in swaps], bench.track, f"{NAME}: swaps")
        theirs = Changes(swapped != baseline.before[originals], None)
    figures = [*_swap_figures(swaps, ours, theirs)]
    for source, rows_of in (("corpus", corpus), ("public", public)):
        rows = np.array([place[example.id] for example in rows_of], dtype=np.intp)
        figures += _gap_figures(source, rows_of, rows, model, baseline)
    return measured(NAME, examples, figures)


def public_negatives(test: Sequence[Example]) -> list[Example]:
    """Public rows known to be neither, at most PUBLIC_ROWS of each language that has enough."""
    by_language: dict[str, list[Example]] = {}
    for example in test:
        if example.source != "corpus" and all(example.labels[label] is False for label in LABELS):
            language = language_of(example.language, example.text)
            by_language.setdefault(language, []).append(example)
    return [
        example
        for language in sorted(by_language)
        if len(by_language[language]) >= LANGUAGE_ROWS
        for example in sampled(by_language[language], PUBLIC_ROWS, NAME)
    ]


def _swap_figures(swaps: Sequence[Swap], ours: Changes, theirs: Changes | None) -> list[Figure]:
    """By label: the share of swaps that change its decision, the mean change of its score."""
    figures: list[Figure] = []
    for piece in _swap_pieces(swaps):
        groups = [swaps[row].example.group for row in piece.rows]
        for column, label in enumerate(COLUMNS):
            flipped = ours.flipped[piece.rows, column]
            rival = None if theirs is None else theirs.flipped[piece.rows, column]
            figures.append(mean_figure(label, piece, "decision_flips", groups, flipped, rival))
            if ours.moved is not None and column != _ANY:
                moved = ours.moved[piece.rows, column]
                figures.append(mean_figure(label, piece, "probability_change", groups, moved))
    return figures


def _swap_pieces(swaps: Sequence[Swap]) -> list[Slice]:
    """Slices of swaps: all, by kind of identity, by source and by language."""
    kinds = np.array([swap.kind for swap in swaps], dtype=np.str_)
    by_example = cut([swap.example for swap in swaps], ("overall", "source", "language"))
    return [
        *by_example[:1],
        *(Slice("identity", str(kind), np.flatnonzero(kinds == kind)) for kind in np.unique(kinds)),
        *by_example[1:],
    ]


def _gap_figures(
    source: str,
    examples: Sequence[Example],
    rows: NDArray[np.intp],
    model: Contender,
    baseline: Contender | None,
) -> list[Figure]:
    """`rows` are the examples' positions among all that the contenders were asked about."""
    figures: list[Figure] = []
    for column, label in enumerate(COLUMNS):
        ours = _gaps(source, examples, model.before[rows, column], column)
        theirs = {}
        if baseline is not None:
            theirs = _gaps(source, examples, baseline.before[rows, column], column)
        figures += [
            Figure(label, "overall", "all", metric, found, theirs.get(metric))
            for metric, found in ours.items()
        ]
    return figures


def _gaps(
    source: str, examples: Sequence[Example], flagged: NDArray[np.bool_], column: int
) -> dict[str, Estimate]:
    negative = negatives_of(examples)[:, column]
    kept = [example for example, known in zip(examples, negative, strict=True) if known]
    groups = [example.group for example in kept]
    strata: dict[str, Callable[[Example], str]] = {
        "language": lambda example: language_of(example.language, example.text),
        "family": lambda example: family_of(example.language),
    }
    return figures_of(
        {
            f"{source}_{name}": false_positive_gap(
                flagged[negative], [stratum(example) for example in kept], groups
            )
            for name, stratum in strata.items()
        }
    )


FAIRNESS = Suite(NAME, "swaps of nationality and faith, false positives across languages", run)
