"""The frame of a plot of two shares, and the marks in it. One unit is a pixel on a phone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evaluation.html.markup import Markup, element

WIDTH = 320.0
HEIGHT = 260.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 48.0, 10.0, 10.0, 40.0

_MOST_POINTS = 200


@dataclass(frozen=True, slots=True)
class Frame:
    """A plane of 0 to 1 across, 0 to `highest` upwards."""

    across: str
    upwards: str
    highest: float = 1.0

    def x(self, value: float) -> float:
        return round(_LEFT + value * (WIDTH - _LEFT - _RIGHT), 1)

    def y(self, value: float) -> float:
        share = min(max(value / self.highest, 0.0), 1.0)
        return round(HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM), 1)

    def line(self, points: Iterable[tuple[float, float]], kind: str) -> Markup:
        """A line through points (across, upwards), thinned out where they are many."""
        kept = _thinned(list(points))
        return element("polyline", points=self._path(kept), class_=f"line {kind}")

    def area(self, points: Iterable[tuple[float, float]], kind: str) -> Markup:
        return element("polygon", points=self._path(points), class_=f"area {kind}")

    def dot(self, across: float, upwards: float, kind: str, told: str) -> Markup:
        return element(
            "circle",
            element("title", told),
            cx=self.x(across),
            cy=self.y(upwards),
            r=3.5,
            class_=f"dot {kind}",
        )

    def drawn(self, summary: str, marks: Iterable[Markup]) -> Markup:
        """The whole plot. `summary` is what it says to whoever does not see it."""
        return element(
            "svg",
            element("title", summary),
            *self._axes(),
            *marks,
            viewbox=f"0 0 {WIDTH:g} {HEIGHT:g}",
            role="img",
            aria_label=summary,
        )

    def _path(self, points: Iterable[tuple[float, float]]) -> str:
        return " ".join(f"{self.x(x):g},{self.y(y):g}" for x, y in points)

    def _axes(self) -> Iterable[Markup]:
        for step in range(5):
            share = step / 4
            x, y = self.x(share), self.y(share * self.highest)
            yield element("line", x1=x, x2=x, y1=self.y(0), y2=_TOP, class_="grid")
            yield element("line", x1=_LEFT, x2=WIDTH - _RIGHT, y1=y, y2=y, class_="grid")
            yield element("text", f"{share:g}", x=x, y=HEIGHT - _BOTTOM + 14, text_anchor="middle")
            label = f"{share * self.highest:.2g}"
            yield element("text", label, x=_LEFT - 5, y=y + 4, text_anchor="end")
        middle = (_TOP + HEIGHT - _BOTTOM) / 2
        yield element(
            "text", self.across, x=self.x(0.5), y=HEIGHT - 6, text_anchor="middle", class_="axis"
        )
        yield element(
            "text",
            self.upwards,
            x=11.0,
            y=middle,
            transform=f"rotate(-90 11 {middle:g})",
            text_anchor="middle",
            class_="axis",
        )


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    step = max(1, len(points) // _MOST_POINTS)
    return [*points[:-1:step], *points[-1:]]
