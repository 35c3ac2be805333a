"""Elements of HTML and SVG. Text is escaped unless it is `Markup`, which only `element` makes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TypeAlias

_VOID = frozenset({"meta", "col"})


class Markup(str):
    """A string that is HTML already."""

    __slots__ = ()


Child: TypeAlias = "str | Markup | None"
Attribute: TypeAlias = "str | float | bool | None"


def element(name: str, /, *children: Child, **attributes: Attribute) -> Markup:
    """An element. `class_` is `class`, other underscores are hyphens; None is left out."""
    written = "".join(
        _attribute(key, value)
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{join(children)}</{name}>")


def join(children: Iterable[Child]) -> Markup:
    """Children one behind the other, None left out."""
    return Markup(
        "".join(
            child if isinstance(child, Markup) else escape(child, quote=False)
            for child in children
            if child is not None
        )
    )


def table(
    caption: Child,
    headings: Sequence[str],
    rows: Iterable[Sequence[Child]],
    *,
    words: int = 1,
    wrapping: bool = False,
) -> Markup:
    """A table that scrolls by itself on a narrow page.

    The first `words` columns hold words, the others numbers. The first cell names its row. With
    `wrapping`, cells break into lines.
    """

    def kind(column: int) -> str | None:
        return None if column < words else "number"

    head = (
        element("th", heading, scope="col", class_=kind(n)) for n, heading in enumerate(headings)
    )
    body = (
        element(
            "tr",
            *(
                element("th", cell, scope="row") if n == 0 else element("td", cell, class_=kind(n))
                for n, cell in enumerate(row)
            ),
        )
        for row in rows
    )
    inner = element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *head)),
        element("tbody", *body),
        class_="wrapping" if wrapping else None,
    )
    return element(
        "div", inner, class_="scroll", tabindex="0", role="region", aria_label=str(caption)
    )


def folded(summary: str, *children: Child) -> Markup:
    """What opens at a click."""
    return element("details", element("summary", summary), *children)


def _attribute(key: str, value: Attribute) -> str:
    name = key.removesuffix("_").replace("_", "-")
    name = {"viewbox": "viewBox", "preserveaspectratio": "preserveAspectRatio"}.get(name, name)
    if value is True:
        return f" {name}"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return f' {name}="{escape(text)}"'
