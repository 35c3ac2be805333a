"""The generated parts of the model card and of the datasheet, from one report.

They stand between two markers; everything else in those files is written by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from classifier.artifact import CARD
from classifier.classifier import shipped_model
from classifier.labels import LABELS
from evaluation.aims import AIMS
from evaluation.failures import known_failures
from evaluation.figures import Figure
from evaluation.markers import replace_block
from evaluation.report import Report, plain
from evaluation.sets.sets import digests

DATASHEET = Path(__file__).parents[1] / "data" / CARD

# Besides the metrics that have an aim.
_TOLD = {
    "corpus-test": ("review_recall", "review_false_positive_rate"),
    "doubt": ("average_precision", "review_false_positive_rate"),
    "fairness": ("decision_flips",),
    "long": ("recall_buried", "long_false_positive_rate"),
}


def rewrite_cards(
    report: Report,
    manifest: Mapping[str, Any],
    model: Path | None,
    datasheet: Path = DATASHEET,
) -> list[Path]:
    """Put the figures into the card of the model folder, None the shipped one, and the datasheet.

    `manifest` is that of the data build. Returns the files. Raises EvaluationError where a file
    lacks the markers.
    """
    card = (shipped_model() if model is None else model) / CARD
    replace_block(card, model_block(report))
    replace_block(datasheet, data_block(report, manifest))
    return [card, datasheet]


def model_block(report: Report) -> str:
    """Overall figures beside the best baseline, then the known failures."""
    rows = [
        [
            suite.suite,
            figure.metric.replace("_", " "),
            figure.label.replace("_", " "),
            plain(figure.model, figure.metric),
            _beside(figure),
            f"{figure.model.n:,}",
        ]
        for suite in report.suites
        for figure in suite.figures
        if _is_told(suite.suite, figure)
    ]
    failures = known_failures(report.suites)
    absent = [f"{suite.suite}: {suite.absent}" for suite in report.suites if suite.absent]
    parts = [
        "## Figures\n",
        f"Of {report.model or 'no model'} on data build `{report.data[:12]}`. Brackets hold 95 % "
        "intervals by resampling whole groups.\n",
        _table(["suite", "figure", "label", "model", "best baseline", "rows"], rows),
        "## Known failures\n",
        _list(failures) if failures else "None of the measured slices is below its bar.\n",
    ]
    if absent:
        parts += ["Not measured for want of data:\n", _list(absent)]
    return "\n".join(parts)


def data_block(report: Report, manifest: Mapping[str, Any]) -> str:
    """The splits of the build, the suites that rest on them, and the hashes of committed sets."""
    splits = [
        [
            name,
            f"{counts['rows']:,}",
            f"{counts['groups']:,}",
            *(f"{counts[label.value]['1']:,}" for label in LABELS),
        ]
        for name, counts in manifest.get("counts", {}).items()
    ]
    suites = [
        [suite.suite, f"{suite.rows:,}", f"{suite.groups:,}"]
        for suite in report.suites
        if suite.absent is None
    ]
    sets = [[f"`{name}`", f"`{digest}`"] for name, digest in digests().items()]
    labels = [f"`{label.value}` = 1" for label in LABELS]
    return "\n".join(
        [
            "## Splits and suites\n",
            f"Data build `{report.data[:12]}`.\n",
            _table(["split", "rows", "groups", *labels], splits),
            _table(["suite", "rows", "groups"], suites),
            "Sets that come with the evaluation, and their SHA-256:\n",
            _table(["set", "hash"], sets),
        ]
    )


def _is_told(suite: str, figure: Figure) -> bool:
    aimed = {aim.metric for aim in AIMS if (aim.suite, aim.dimension) == (suite, "overall")}
    told = aimed | set(_TOLD.get(suite, ()))
    return figure.dimension == "overall" and figure.metric in told


def _beside(figure: Figure) -> str:
    name = figure.best_baseline
    if name is None:
        return "-"
    return f"{name} {plain(figure.baselines[name].estimate, figure.metric)}"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items) + "\n"
