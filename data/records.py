"""The example: one labelled text, as every stage after the sources sees it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classifier.labels import FACET_LABEL, FACETS, LABELS, Facet, Label
from data.rows import RowFields, read_rows


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled text.

    `id` is unique over all sources and starts with the source's name. Examples of one `group`
    depend on each other (twins, translations, one campaign) and never lie in two splits.
    `language` is a BCP 47 tag as the source gives it. A label or facet that is not known is None.
    `evasion` names the kind of disguise, None for none; `coded` says whether the wording is
    oblique. `fold` (0-4) is set when the splits are built.
    """

    id: str
    group: str
    source: str
    text: str
    language: str
    labels: Mapping[Label, bool | None]
    facets: Mapping[Facet, bool | None]
    slice: str
    evasion: str | None = None
    coded: bool | None = None
    fold: int | None = None

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "group": self.group,
            "source": self.source,
            "text": self.text,
            "language": self.language,
            **{label.value: _number(self.labels[label]) for label in LABELS},
            "facets": {facet.value: _number(self.facets[facet]) for facet in FACETS},
            "slice": self.slice,
            "evasion": self.evasion,
            "coded": self.coded,
            "fold": self.fold,
        }


def facets_for(
    labels: Mapping[Label, bool | None], named: Facet | None
) -> dict[Facet, bool | None]:
    """What the labels and the one facet that a source names tell about all facets.

    The named facet is true and its siblings false. Without the label there is none of its facets;
    with a label whose facet is not named, or an unknown label, its facets are unknown.
    """
    facets: dict[Facet, bool | None] = {}
    for facet, label in FACET_LABEL.items():
        if labels[label]:
            is_named = named is not None and FACET_LABEL[named] is label
            facets[facet] = (facet is named) if is_named else None
        else:
            facets[facet] = labels[label]
    return facets


def read_examples(path: Path) -> list[Example]:
    """Raises SchemaError, with every fault by line, and SourceError."""
    return read_rows(path, _parse)


def write_examples(path: Path, examples: Iterable[Example]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for example in examples:
            file.write(json.dumps(example.to_dict(), ensure_ascii=False) + "\n")


def _parse(fields: RowFields, line: int) -> Example:
    facets = fields.mapping("facets")
    example = Example(
        id=fields.text("id"),
        group=fields.text("group"),
        source=fields.text("source"),
        text=fields.text("text"),
        language=fields.text("language"),
        labels={label: fields.label(label.value) for label in LABELS},
        facets={facet: facets.label(facet.value) for facet in FACETS},
        slice=fields.text("slice"),
        evasion=fields.optional_text("evasion"),
        coded=fields.flag("coded"),
        fold=fields.whole_number("fold"),
    )
    fields.absorb("facets", facets)
    fields.ignore(("provenance",))  # imported decisions have one, for people to follow
    fields.finish()
    return example


def _number(value: bool | None) -> int | None:
    return None if value is None else int(value)
