"""The labelled test splits: how well the model ranks, cuts and is calibrated on them."""

from __future__ import annotations

from evaluation import panels
from evaluation.suites.suite import Suite, SuiteReport, absent, measured
from evaluation.workbench import Workbench

EMSCAD_PREVALENCE = 0.048
"""Share of fraud in the whole EMSCAD (Vidros et al. 2017); the partial copies hold far more."""


def run_corpus_test(bench: Workbench) -> SuiteReport:
    return _run("corpus-test", "corpus", bench)


def run_emscad_test(bench: Workbench) -> SuiteReport:
    return _run("emscad-test", "emscad", bench, (EMSCAD_PREVALENCE,))


def _run(
    name: str, source: str, bench: Workbench, prevalences: tuple[float, ...] = ()
) -> SuiteReport:
    examples = [example for example in bench.test if example.source == source]
    if not examples:
        return absent(
            name,
            f"the test split in {bench.data} has no rows of {source}; "
            "`lurewatch data build --datasets DIR` takes them in",
        )
    predictions = bench.predict(examples, name)
    baseline = bench.baseline(examples)
    figures = panels.overall(predictions, bench.thresholds, baseline, prevalences)
    cuts = {label: cut.review for label, cut in bench.thresholds.items()}
    figures += panels.by_slice(predictions, panels.Cut("review", cuts), baseline)
    return measured(name, examples, figures)


CORPUS_TEST = Suite("corpus-test", "the corpus's own test split", run_corpus_test)
EMSCAD_TEST = Suite("emscad-test", "held-out employers of EMSCAD", run_emscad_test)
