"""False alarms on public posts that are no offers: what a queue would fill up with.

The corpus is half hard negatives by design, so its false positive rate says nothing about real
traffic. These rows are ordinary posts, news and phrases, and come nearer to it. Rows that a
keyword screen left in doubt are unknown and not counted, which flatters the figure; the suite
`doubt` looks at them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import partial

import numpy as np

from classifier.labels import LABELS, Route
from data.partition import HELD_OUT_SOURCES
from data.records import Example
from data.sources.public import PUBLIC_SETS
from evaluation.figures import Figure
from evaluation.predictions import Decisions
from evaluation.rare import estimate_rare
from evaluation.sampling import sampled
from evaluation.slices import Slice, cut
from evaluation.suites.suite import Suite, SuiteReport, absent, measured
from evaluation.workbench import Workbench

NAME = "benign"

SOURCES = tuple(public.name for public in PUBLIC_SETS if public.name != "emscad")
"""Every public set but EMSCAD, whose adverts are labelled for one label alone."""

ROWS_PER_SOURCE = 2_000
"""Small sources are used whole; the cap keeps the largest from being all that is measured."""

PER = 10_000
"""False alarms are told per this many posts."""


def sample(test: Sequence[Example], sources: Sequence[str] = SOURCES) -> list[Example]:
    """Rows known to be neither, at most ROWS_PER_SOURCE of each source."""
    by_source: defaultdict[str, list[Example]] = defaultdict(list)
    for example in test:
        if all(example.labels[label] is False for label in LABELS):
            by_source[example.source].append(example)
    return [
        example
        for source in sources
        for example in sampled(by_source[source], ROWS_PER_SOURCE, NAME)
    ]


def _run(name: str, sources: Sequence[str], bench: Workbench) -> SuiteReport:
    examples = sample(bench.test, sources)
    if not examples:
        return absent(
            name,
            f"the test split in {bench.data} has no benign rows of {', '.join(sources)}; "
            "`lurewatch data build --datasets DIR` takes them in",
        )
    decisions = bench.predict(examples, name)
    pieces = [*cut(examples, ("overall", "source", "language")), *_by_collection(examples)]
    figures = [figure for piece in pieces for figure in _alarms(decisions, piece)]
    return measured(name, examples, figures)


def _by_collection(examples: Sequence[Example]) -> list[Slice]:
    """Rows of sources that training never saw, and of those that it saw other rows of."""
    held_out = np.array([example.source in HELD_OUT_SOURCES for example in examples])
    pieces = (("held out whole", held_out), ("in training too", ~held_out))
    return [Slice("collection", name, np.flatnonzero(rows)) for name, rows in pieces if rows.any()]


def _alarms(decisions: Decisions, piece: Slice) -> list[Figure]:
    """How often any label sends a row to the queue; over all rows, also each label by itself."""
    queued = np.array([decisions.routes[row] is not Route.CLEAR for row in piece.rows])
    hurried = np.array([decisions.routes[row] is Route.PRIORITY for row in piece.rows])
    alarms = [("any", "review", queued), ("any", "priority", hurried)]
    if piece.dimension == "overall":
        for column, label in enumerate(LABELS):
            alarms.append((label.value, "review", decisions.flagged[piece.rows, column]))
    groups = [decisions.examples[row].group for row in piece.rows]
    return [
        Figure(
            label,
            piece.dimension,
            piece.name,
            f"{route}_per_{PER}",
            estimate_rare(flagged, groups, per=PER),
        )
        for label, route, flagged in alarms
    ]


def _of_source(source: str) -> Suite:
    name = f"{NAME}-{source}"
    seen = "a source held out whole" if source in HELD_OUT_SOURCES else "other rows trained on"
    return Suite(name, f"false alarms on {source}, {seen}", partial(_run, name, (source,)))


BENIGN = Suite(NAME, "false alarms on public posts, news and phrases", partial(_run, NAME, SOURCES))

BENIGN_BY_SOURCE = tuple(_of_source(source) for source in SOURCES)
