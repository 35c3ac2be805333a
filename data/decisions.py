"""Moderators' decisions, as the review queue exports them, become examples."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classifier.errors import UsageError
from classifier.labels import FACET_LABEL, LABELS, Facet, Label
from data.records import Example
from data.rows import RowFields, read_rows

SOURCE = "decisions"
SLICE = "decision"

_ORIGIN = ("item", "text_version", "version", "source", "seal", "lurewatch")
_DECISION = (
    "platform",
    "kind",
    "action",
    "reason",
    "decided_at",
    "model",
    "policy",
    "scores",
    "queued_for",
    "sampling_probability",
)


@dataclass(frozen=True, slots=True)
class Decision:
    """An example and where it comes from: the item, the decision about it, and its sampling."""

    example: Example
    provenance: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        return {**self.example.to_dict(), "provenance": self.provenance}


def import_decisions(path: Path, output: Path) -> list[Decision]:
    """Read an export and write its decisions as examples, which `read_examples` reads back.

    All texts of one item are one group. What the moderator could not tell stays unknown. Raises
    SchemaError with every fault by line, SourceError, and UsageError where `output` cannot be
    written.
    """
    decisions = read_rows(path, _parse)
    part = output.with_name(f"{output.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            for decision in decisions:
                file.write(json.dumps(decision.to_dict(), ensure_ascii=False) + "\n")
        part.replace(output)
    except OSError as error:
        raise UsageError(f"the examples cannot be written to {output}: {error}") from error
    return decisions


def _parse(fields: RowFields, line: int) -> Decision:
    row_id = fields.text("id")
    title = fields.optional_text("title")
    text = fields.text("text")
    language = fields.text("language")
    judged = fields.mapping("labels")
    labels = {label: judged.flag(label.value) for label in LABELS}
    fields.absorb("labels", judged)
    seen = fields.mapping("facets")
    facets = {facet: _facet(facet, seen.flag(facet.value), labels) for facet in Facet}
    fields.absorb("facets", seen)
    origin = fields.mapping("provenance")
    provenance = {name: origin.value(name) for name in _ORIGIN}
    item = origin.text("item")
    fields.absorb("provenance", origin)
    provenance |= {name: fields.value(name) for name in _DECISION}
    fields.finish()
    example = Example(
        id=f"{SOURCE}:{row_id}",
        group=f"{SOURCE}:{item}",
        source=SOURCE,
        # As a post with a title is scored.
        text=text if title is None else f"{title}\n{text}",
        language=language,
        labels=labels,
        facets=facets,
        slice=SLICE,
    )
    return Decision(example, provenance)


def _facet(facet: Facet, judged: bool | None, labels: Mapping[Label, bool | None]) -> bool | None:
    """Without the label there is none of its facets, and with a label in doubt they are too."""
    label = labels[FACET_LABEL[facet]]
    return judged if label else label
