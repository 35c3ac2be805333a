"""The model card for reading in a page: the part of Markdown that cards are written in here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_INLINE = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*")
_RULE = re.compile(r"[|\s:-]+")


@dataclass(frozen=True, slots=True)
class Span:
    """Words in one style."""

    text: str
    style: Literal["plain", "code", "strong"] = "plain"


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A heading or paragraph has one line; a list one for each entry; a table has `rows` alone."""

    kind: Literal["heading", "paragraph", "list", "table"]
    lines: tuple[Line, ...] = ()
    rows: tuple[tuple[Line, ...], ...] = ()


def read_card(markdown: str) -> tuple[Block, ...]:
    """The blocks of the card without its title. What is not understood stays a paragraph."""
    parts = re.split(r"\n\s*\n", markdown)
    return tuple(block for part in parts for block in _blocks(part.strip("\n")))


def _blocks(part: str) -> Iterator[Block]:
    lines = [line.rstrip() for line in part.split("\n") if line.strip()]
    if not lines or lines[0].startswith("# "):
        return
    if lines[0].startswith("#"):
        yield Block("heading", (_line(lines[0].lstrip("# ")),))
        yield from _blocks("\n".join(lines[1:]))
    elif lines[0].startswith("|"):
        rows = [line for line in lines if not _RULE.fullmatch(line)]
        yield Block("table", rows=tuple(tuple(map(_line, _cells(row))) for row in rows))
    elif lines[0].startswith("- "):
        entries = re.split(r"(?:^|\n)- ", "\n".join(lines))[1:]
        yield Block("list", tuple(_line(" ".join(entry.split())) for entry in entries))
    else:
        yield Block("paragraph", (_line(" ".join(" ".join(lines).split())),))


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("|").split("|")]


def _line(text: str) -> Line:
    spans: list[Span] = []
    end = 0
    for match in _INLINE.finditer(text):
        spans.append(Span(text[end : match.start()]))
        code, strong = match.groups()
        spans.append(Span(code, "code") if code else Span(strong, "strong"))
        end = match.end()
    spans.append(Span(text[end:]))
    return tuple(span for span in spans if span.text)
