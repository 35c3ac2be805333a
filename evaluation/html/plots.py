"""The plots of the report: what each shows, and how it reads without eyes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation import abstention
from evaluation.figures import Figure
from evaluation.html.frame import WIDTH, Frame
from evaluation.html.markup import Markup, element
from evaluation.metrics import Ranking
from evaluation.reliability import Curve

_KINDS = ("model", "rival")

_STEP = 0.04


@dataclass(frozen=True, slots=True)
class Line:
    """A named curve through points (across, upwards)."""

    name: str
    points: Sequence[tuple[float, float]]


def reliability_plot(name: str, curve: Curve) -> Markup:
    """Observed share over score by bin, with the band of a perfect model."""
    frame = Frame("mean score", "share of positives")
    scores = curve.scores.tolist()
    upper = list(zip(scores, curve.high.tolist(), strict=True))
    lower = list(zip(scores, curve.low.tolist(), strict=True))
    outside = int(((curve.shares < curve.low) | (curve.shares > curve.high)).sum())
    summary = (
        f"Reliability of {name}: {outside} of {len(scores)} bins lie outside the band of a "
        "perfect model"
    )
    dots = [
        frame.dot(score, share, "model", f"score {score:.3f}, share {share:.3f}, {rows:.0f} rows")
        for score, share, rows in zip(
            scores, curve.shares.tolist(), curve.rows.tolist(), strict=True
        )
    ]
    marks = [
        frame.area([*upper, *reversed(lower)], "band"),
        frame.line([(0, 0), (1, 1)], "ideal"),
        *dots,
    ]
    return _figure(frame.drawn(summary, marks), name, f"{outside} of {len(scores)} bins outside")


def precision_recall_plot(name: str, lines: Sequence[Line]) -> Markup:
    """Precision over recall, the model first."""
    frame = Frame("recall", "precision")
    names = " and ".join(line.name for line in lines)
    marks = [frame.line(line.points, kind) for line, kind in zip(lines, _KINDS, strict=False)]
    drawn = frame.drawn(f"Precision over recall of {name}: {names}", marks)
    return _figure(drawn, name, None, _legend([line.name for line in lines]))


def coverage_risk_plot(name: str, line: Line) -> Markup:
    """Share wrong over share decided, surest first."""
    highest = max((risk for _, risk in line.points), default=0.0)
    # A multiple of four round steps, so that the ticks are short.
    top = _STEP * max(1, math.ceil(highest / _STEP))
    frame = Frame("share decided, surest first", "share wrong", top)
    at_end = line.points[-1][1] if line.points else 0.0
    summary = f"Risk over coverage of {name}: {at_end:.3f} wrong where all are decided"
    return _figure(
        frame.drawn(summary, [frame.line(line.points, "model")]),
        name,
        f"{at_end:.3f} wrong where all are decided",
    )


def interval_plot(name: str, figures: Sequence[Figure]) -> Markup:
    """A row for each slice: the value with its interval, and the best baseline as a ring."""
    shown = [figure for figure in figures if figure.model.value is not None]
    shown.sort(key=lambda figure: (figure.model.value, figure.slice))
    row, left, right, top = 18.0, 118.0, 10.0, 8.0
    height = top + row * len(shown) + 24

    # Shares fill the plane from 0 to 1, counts as far as they reach.
    highest = max((figure.model.high or 0.0 for figure in shown), default=0.0)
    highest = highest if highest > 1 else 1.0

    def x(value: float) -> float:
        share = min(max(value / highest, 0.0), 1.0)
        return round(left + share * (WIDTH - left - right), 1)

    marks: list[Markup] = []
    for step in range(5):
        tick = highest * step / 4
        marks += [
            element("line", x1=x(tick), x2=x(tick), y1=top, y2=height - 22, class_="grid"),
            element("text", f"{tick:.3g}", x=x(tick), y=height - 8, text_anchor="middle"),
        ]
    for place, figure in enumerate(shown):
        marks += _interval_row(figure, top + row * (place + 0.5), left, x)
    svg = element(
        "svg",
        element("title", f"{name}, lowest first, with intervals"),
        *marks,
        viewbox=f"0 0 {WIDTH:g} {height:g}",
        role="img",
        aria_label=f"{name}, lowest first, with intervals; the table has the numbers",
    )
    return _figure(svg, name, None, _legend(("model", "best baseline")))


def precision_recall_points(ranking: Ranking) -> list[tuple[float, float]]:
    """Recall and precision at every real threshold, none where there is no positive."""
    if not ranking.positives:
        return []
    true = np.cumsum(ranking.truths)[ranking.tie_ends]
    recalls: NDArray[np.float64] = true / ranking.positives
    return list(zip(recalls.tolist(), (true / (ranking.tie_ends + 1)).tolist(), strict=True))


def coverage_risk_points(ranking: Ranking) -> list[tuple[float, float]]:
    coverage, risk = abstention.coverage_risk(ranking)
    return list(zip(coverage.tolist(), risk.tolist(), strict=True))


def _interval_row(
    figure: Figure, y: float, left: float, x: Callable[[float], float]
) -> Iterable[Markup]:
    model = figure.model
    value = 0.0 if model.value is None else model.value
    low = value if model.low is None else model.low
    high = value if model.high is None else model.high
    told = f"{figure.slice}: {value:.3f} [{low:.3f}, {high:.3f}], {model.n} rows"
    yield element("text", figure.slice, x=left - 6, y=y + 4, text_anchor="end")
    yield element("line", x1=x(low), x2=x(high), y1=y, y2=y, class_="whisker")
    rival = figure.best_baseline
    beside = None if rival is None else figure.baselines[rival].estimate.value
    if rival is not None and beside is not None:
        title = element("title", f"{figure.slice}, {rival}: {beside:.3f}")
        yield element("circle", title, cx=x(beside), cy=y, r=3.0, class_="ring")
    yield element("circle", element("title", told), cx=x(value), cy=y, r=3.5, class_="dot model")


def _figure(svg: Markup, name: str, told: str | None, legend: Markup | None = None) -> Markup:
    caption = element(
        "figcaption", element("b", name), None if told is None else f": {told}", legend
    )
    return element("figure", svg, caption)


def _legend(names: Sequence[str]) -> Markup:
    keys = zip(names, _KINDS, strict=False)
    return element(
        "span",
        *(element("span", name, class_=f"key {kind}") for name, kind in keys),
        class_="legend",
    )
