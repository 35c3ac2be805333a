"""Public rows that come nearest to an offer, by what two readers made of them.

They were chosen for being hard, by high scores of a model and of TF-IDF among rows that a keyword
screen left unknown: a false positive rate here is far above that of ordinary posts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from classifier.labels import LABELS
from data.readings import letters_digest
from data.records import Example
from evaluation import panels
from evaluation.agreement import agreement_of
from evaluation.figures import Figure
from evaluation.sets.doubt import DoubtRow, read_doubt
from evaluation.suites.suite import Suite, SuiteReport, absent, measured
from evaluation.workbench import Workbench

NAME = "doubt"


def run(bench: Workbench) -> SuiteReport:
    return measure_doubt(bench, read_doubt())


def measure_doubt(bench: Workbench, rows: Sequence[DoubtRow]) -> SuiteReport:
    """The suite on given readings. Rows whose text is not in the test split are left out."""
    pairs = _with_texts(rows, bench.test)
    if not pairs:
        return absent(
            NAME,
            f"the test split in {bench.data} has none of the texts that were read; "
            "`lurewatch data build --datasets DIR` takes them in",
        )
    examples = [
        replace(example, labels={label: row.truth(label) for label in LABELS})
        for row, example in pairs
    ]
    predictions = bench.predict(examples, NAME)
    baseline = bench.baseline(examples)
    figures = panels.overall(predictions, bench.thresholds, baseline)
    cuts = {label: cut.review for label, cut in bench.thresholds.items()}
    figures += panels.by_slice(
        predictions, panels.Cut("review", cuts), baseline, ("language", "family", "source")
    )
    return measured(NAME, examples, [*figures, *_agreement([row for row, _ in pairs], examples)])


def _with_texts(
    rows: Sequence[DoubtRow], test: Sequence[Example]
) -> list[tuple[DoubtRow, Example]]:
    found = {example.id: example for example in test}
    return [
        (row, example)
        for row in rows
        if (example := found.get(row.id)) and letters_digest(example.text) == row.letters
    ]


def _agreement(rows: Sequence[DoubtRow], examples: Sequence[Example]) -> list[Figure]:
    groups = [example.group for example in examples]
    return [
        Figure(label.value, "overall", "all", metric, found)
        for label in LABELS
        for metric, found in agreement_of(
            [row.first[label] for row in rows], [row.second[label] for row in rows], groups
        ).items()
    ]


DOUBT = Suite(NAME, "public rows nearest to an offer, as two people read them", run)
