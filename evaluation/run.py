"""Runs a suite against each baseline and joins what was found."""

from __future__ import annotations

from dataclasses import replace

from evaluation.errors import KeptScoresError
from evaluation.figures import Beside, Figure
from evaluation.suites.suite import Suite, SuiteReport
from evaluation.workbench import Workbench


def run_suite(suite: Suite, bench: Workbench) -> SuiteReport:
    """The suite's figures beside every baseline of the workbench.

    A suite knows one baseline at a time, which keeps it short; the model's own scores are
    remembered. One that measures no baseline, or has no data, runs once.
    """
    if not bench.with_baseline or not bench.rivals:
        return suite.run(bench.against(None))
    reports: dict[str, SuiteReport] = {}
    unmeasured: dict[str, str] = {}
    for name in bench.rivals:
        try:
            reports[name] = suite.run(bench.against(name))
        except KeptScoresError as error:
            unmeasured[name] = str(error)
            continue
        if all(figure.baseline is None for figure in reports[name].figures):
            break
    if not reports:
        return replace(suite.run(bench.against(None)), unmeasured=unmeasured)
    return replace(_joined(reports), unmeasured=unmeasured)


def _joined(reports: dict[str, SuiteReport]) -> SuiteReport:
    """The first report with all baselines; the model's figures are the same in each."""
    first = next(iter(reports.values()))
    beside: dict[tuple[str, ...], dict[str, Beside]] = {}
    for name, report in reports.items():
        for figure in report.figures:
            if figure.baseline is not None:
                found = Beside(figure.baseline, figure.lead)
                beside.setdefault(_key(figure), {})[name] = found
    figures = (
        replace(figure, baseline=None, lead=None, baselines=beside.get(_key(figure), {}))
        for figure in first.figures
    )
    return replace(first, figures=tuple(figures))


def _key(figure: Figure) -> tuple[str, ...]:
    return figure.label, figure.dimension, figure.slice, figure.metric
