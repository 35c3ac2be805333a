"""The chart: how many times as fast as the pipeline, a bar for each contender on each stream."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from benchmarks.speed.results import Summary
from evaluation.html.markup import Markup, element

_WIDTH, _LEFT, _RIGHT = 760.0, 240.0, 120.0
_ROW, _GAP, _TOP = 22.0, 40.0, 48.0

_STYLE = """
svg { background: #fff; font: 12px system-ui, sans-serif; }
text { fill: #1d2530; }
.stream { font-weight: 600; font-size: 14px; }
.grid { stroke: #d5dae1; }
.grid-label { fill: #5b6675; }
.ours { fill: #14697a; }
.theirs { fill: #a9b4c0; }
.whisker { stroke: #1d2530; }
@media (prefers-color-scheme: dark) {
  svg { background: #14181e; }
  text { fill: #e6eaf0; }
  .grid { stroke: #333c48; }
  .grid-label { fill: #9aa6b5; }
  .ours { fill: #4fb3c6; }
  .theirs { fill: #66717f; }
  .whisker { stroke: #e6eaf0; }
}
"""


def chart(summaries: Sequence[Summary]) -> str:
    """An SVG document, ratios on a logarithmic axis with the rounds' spread; alike in any viewer.

    Contenders without a ratio are left out.
    """
    shown = [summary for summary in summaries if summary.ratio is not None]
    lowest = min((s.ratio.low for s in shown if s.ratio), default=1.0)
    highest = max((s.ratio.high for s in shown if s.ratio), default=1.0)
    first, last = math.floor(math.log10(min(lowest, 0.9))), math.ceil(math.log10(highest * 1.05))
    plane = _WIDTH - _LEFT - _RIGHT

    def x(ratio: float) -> float:
        return round(_LEFT + (math.log10(ratio) - first) / (last - first) * plane, 1)

    title = "Texts a second, as a multiple of the transformers pipeline in float32"
    marks = [element("text", f"{title} (logarithmic)", x=12.0, y=18.0, class_="grid-label")]
    y = _TOP
    for stream in dict.fromkeys(summary.stream for summary in shown):
        own = [summary for summary in shown if summary.stream == stream]
        bottom = y + 10 + _ROW * len(own)
        marks.append(element("text", stream, x=12.0, y=y, class_="stream"))
        for power in range(first, last + 1):
            at = x(10.0**power)
            marks += [
                element("line", x1=at, x2=at, y1=y + 8, y2=bottom, class_="grid"),
                element(
                    "text",
                    f"{10.0**power:g}×",
                    x=at,
                    y=bottom + 14,
                    text_anchor="middle",
                    class_="grid-label",
                ),
            ]
        for place, summary in enumerate(own):
            marks += _bar(summary, y + 10 + _ROW * (place + 0.5), x(10.0**first), x)
        y = bottom + _GAP
    svg = element(
        "svg",
        element("title", title),
        element("style", Markup(_STYLE)),
        *marks,
        xmlns="http://www.w3.org/2000/svg",
        viewbox=f"0 0 {_WIDTH:g} {y:g}",
        width=_WIDTH,
        height=y,
        role="img",
        aria_label=title,
    )
    return f"{svg}\n"


def _bar(summary: Summary, y: float, start: float, x: Callable[[float], float]) -> list[Markup]:
    assert summary.ratio is not None
    ratio = summary.ratio
    kind = "ours" if summary.contender.lower().startswith("lurewatch") else "theirs"
    told = (
        f"{summary.contender}: {ratio.median:.2f} [{ratio.low:.2f}, {ratio.high:.2f}] times, "
        f"{summary.rate.median:,.0f} texts a second"
    )
    end = x(ratio.median)
    return [
        element("text", summary.contender, x=_LEFT - 8, y=y + 4, text_anchor="end"),
        element(
            "rect",
            element("title", told),
            x=start,
            y=y - 7,
            width=max(end - start, 1.0),
            height=14.0,
            class_=kind,
        ),
        element("line", x1=x(ratio.low), x2=x(ratio.high), y1=y, y2=y, class_="whisker"),
        element(
            "text",
            f"{ratio.median:.1f}×  ({summary.rate.median:,.0f}/s)",
            x=max(x(ratio.high), end) + 6,
            y=y + 4,
        ),
    ]
