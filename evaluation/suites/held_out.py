"""Every labelled row through out-of-fold scores, for languages that a test split leaves thin."""

from __future__ import annotations

from classifier.errors import UsageError
from data.splits import SPLITS, load_split
from evaluation.baselines import TFIDF
from evaluation.oof import held_out_baseline, held_out_figures, join, read_held_out
from evaluation.suites.suite import Suite, SuiteReport, measured
from evaluation.workbench import Workbench

NAME = "oof"


def run(bench: Workbench) -> SuiteReport:
    if bench.held_out is None:
        raise UsageError(
            f"the suite {NAME} reads out-of-fold scores and was given none; "
            "name the file with --predictions FILE"
        )
    scores = read_held_out(bench.held_out)
    everything = [example for split in SPLITS for example in load_split(bench.data, split)]
    examples = join(scores, everything)
    baseline = None
    # The others would have read the rows they are asked about, or know too few of them.
    if bench.rival == TFIDF:
        scored = {example.id for example in examples}
        others = [example for example in everything if example.id not in scored]
        baseline = held_out_baseline(examples, others, bench.track)
    return measured(NAME, examples, held_out_figures(scores, examples, baseline))


HELD_OUT = Suite(
    NAME,
    "labelled rows, each by a model that never saw its fold; reads --predictions",
    run,
    needs_model=False,
)
