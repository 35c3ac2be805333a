"""The page as a whole: one file, no script, nothing fetched from anywhere."""

from __future__ import annotations

from pathlib import Path

from evaluation.aims import Standing, Verdict, behind, verdicts
from evaluation.html import plots
from evaluation.html.exhibits import Exhibits
from evaluation.html.markup import Child, Markup, element, folded, join, table
from evaluation.html.tables import metric_name, overall_table, sliced_tables
from evaluation.html.texts import errors_section
from evaluation.report import Report, plain
from evaluation.sets.sets import digests
from evaluation.suites.suite import SuiteReport

_STYLE = Path(__file__).with_name("report.css")

_KINDS = {
    Standing.SURE: "good",
    Standing.MET: "good",
    Standing.MISSED: "bad",
    Standing.UNMEASURED: "quiet",
}


def write_page(path: Path, report: Report, exhibits: Exhibits) -> None:
    """Write under another name and rename, so that a reader never meets half a page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_text(page(report, exhibits), encoding="utf-8")
    part.replace(path)


def page(report: Report, exhibits: Exhibits) -> str:
    """The whole document; equal reports give equal bytes."""
    name = report.model or "no model"
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("title", f"Evaluation of {name}"),
        element("style", Markup(_STYLE.read_text(encoding="utf-8"))),
    )
    absent = [suite for suite in report.suites if suite.absent is not None]
    measured = [suite for suite in report.suites if suite.absent is None]
    body = element(
        "body",
        element(
            "main",
            element("h1", f"Evaluation of {name}"),
            _identity(report),
            _verdicts(report),
            _absent(absent),
            *(_suite(suite, exhibits) for suite in measured),
            _errors(exhibits),
        ),
    )
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def _identity(report: Report) -> Markup:
    pairs: list[tuple[str, Child]] = [
        ("model", report.model or "none was loaded"),
        ("policy", report.policy or "–"),
        ("data build", element("code", report.data)),
    ]
    for label, cuts in report.thresholds.items():
        told = ", ".join(
            f"{name} {'none' if cut is None else format(cut, '.4f')}" for name, cut in cuts.items()
        )
        pairs.append((f"thresholds of {label}", told))
    pairs += [(name, element("code", digest)) for name, digest in digests().items()]
    items = (join((element("dt", name), element("dd", told))) for name, told in pairs)
    return element(
        "section",
        element("dl", *items),
        element(
            "p",
            "Brackets hold 95 % intervals by resampling whole groups. A lead is the model's "
            "figure less the best baseline's on the same resamples, with its two-sided p.",
            class_="quiet",
        ),
    )


def _verdicts(report: Report) -> Markup | None:
    """A line for each aim of each measured suite, and whether the baselines are behind."""
    rows: list[tuple[Child, ...]] = []
    for suite in report.suites:
        for verdict in verdicts(suite):
            told = element("span", verdict.standing.value, class_=_KINDS[verdict.standing])
            rows.append((suite.suite, verdict.aim.told, told, _deciding(verdict)))
        close = behind(suite)
        if close is not None:
            told = element("span", "missed" if close else "met", class_="bad" if close else "good")
            found = f"not shown against {', '.join(close)}" if close else "–"
            rows.append((suite.suite, "ahead of every baseline, p below 0.01", told, found))
    if not rows:
        return None
    return element(
        "section",
        element("h2", "Verdict"),
        table("Aims", ["suite", "aim", "verdict", "by the figure"], rows, words=4, wrapping=True),
    )


def _deciding(verdict: Verdict) -> str:
    """The figure that is furthest on the wrong side, and how many miss."""
    figure = verdict.worst
    if figure is None:
        return "–"
    where = "" if figure.dimension == "overall" else f"{figure.slice} "
    found = f"{figure.label} {where}{plain(figure.model, figure.metric)}"
    return f"{found}; {verdict.missing} of {verdict.among} miss" if verdict.among > 1 else found


def _absent(suites: list[SuiteReport]) -> Markup | None:
    if not suites:
        return None
    items = (element("li", element("b", s.suite), f": {s.absent}") for s in suites)
    return element("section", element("h2", "Absent"), element("ul", *items))


def _suite(suite: SuiteReport, exhibits: Exhibits) -> Markup:
    notes = (
        element("p", f"{name}: not measured, {reason}", class_="quiet")
        for name, reason in suite.unmeasured.items()
    )
    return element(
        "section",
        element("h2", suite.suite),
        element("p", f"{suite.rows:,} rows in {suite.groups:,} groups", class_="quiet"),
        *notes,
        _plots(suite, exhibits),
        overall_table(suite),
        sliced_tables(suite),
    )


def _plots(suite: SuiteReport, exhibits: Exhibits) -> Markup | None:
    drawn: list[Markup] = []
    behind_fold: list[Markup] = []
    if suite.suite == "corpus-test":
        drawn = [
            plots.precision_recall_plot(label.value, lines)
            for label, lines in exhibits.precision_recall
        ]
    if suite.suite == "calibration":
        for label, family, curve in exhibits.reliability:
            plot = plots.reliability_plot(f"{label.value}, {family}", curve)
            (drawn if family == "all" else behind_fold).append(plot)
        drawn += [
            plots.coverage_risk_plot(label.value, line) for label, line in exhibits.coverage_risk
        ]
    drawn += _by_language(suite)
    if not drawn:
        return None
    return join(
        (
            element("div", *drawn, class_="plots"),
            folded("Reliability by family", element("div", *behind_fold, class_="plots"))
            if behind_fold
            else None,
        )
    )


def _by_language(suite: SuiteReport) -> list[Markup]:
    """The first metric of each label that has a value in two languages."""
    drawn = []
    for label in dict.fromkeys(figure.label for figure in suite.figures):
        of_label = [f for f in suite.figures if (f.label, f.dimension) == (label, "language")]
        for metric in dict.fromkeys(figure.metric for figure in of_label):
            figures = [f for f in of_label if f.metric == metric and f.model.value is not None]
            if len(figures) > 1:
                name = f"{label}, {metric_name(metric)} by language"
                drawn.append(plots.interval_plot(name, figures))
                break
    return drawn


def _errors(exhibits: Exhibits) -> Markup | None:
    if not exhibits.errors:
        return None
    return element(
        "section",
        element("h2", "Hardest errors"),
        element(
            "p",
            "Rows of the corpus and of the functional cases that were decided wrong most surely, "
            "one of each group. Marked words spoke ",
            element("mark", "for", class_="for s2"),
            " and ",
            element("mark", "against", class_="against s2"),
            " the label.",
        ),
        errors_section(exhibits.errors),
    )
