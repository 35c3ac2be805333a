"""Functional cases, in the manner of HateCheck (Röttger et al. 2021): one skill at a time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from classifier.labels import FACET_LABEL, FACETS, LABELS, Facet, Label
from data.records import Example
from data.rows import InvalidRowError, RowFields, read_rows
from evaluation.sets.sets import set_path

FUNCTIONAL = set_path("functional.jsonl")

SAME_LABEL_CAPABILITIES = frozenset({"identity-swap"})
"""Capabilities whose pairs must get one decision; everywhere else the members' labels differ."""


@dataclass(frozen=True, slots=True)
class Case:
    """One text that tests one capability, which is its example's `slice`.

    `pair` names the cases that differ from it in a word or a clause, None where it stands alone;
    it is the example's group. `expectation` says why the labels are what they are.
    """

    example: Example
    pair: str | None
    expectation: str

    @property
    def capability(self) -> str:
        return self.example.slice


def read_functional(path: Path = FUNCTIONAL) -> list[Case]:
    """All cases, in the order of the file. Raises SchemaError and SourceError."""
    return read_rows(path, _parse)


def _parse(fields: RowFields, line: int) -> Case:
    name = fields.text("id")
    pair = fields.optional_text("pair")
    labels = {label: fields.label(label.value) for label in LABELS}
    example = Example(
        id=f"functional:{name}",
        group=f"functional:{pair or name}",
        source="functional",
        text=fields.text("text"),
        language=fields.text("language"),
        labels=labels,
        facets=_facets(labels, fields.optional_text("facet")),
        slice=fields.text("capability"),
    )
    if None in labels.values():
        fields.faults.append("both labels must be known")
    case = Case(example, pair, fields.text("expectation"))
    fields.finish()
    return case


def _facets(labels: dict[Label, bool | None], named: str | None) -> dict[Facet, bool | None]:
    """A case names one facet for each label that it carries, joined by `+`."""
    try:
        carried = {Facet(name) for name in named.split("+")} if named else set()
    except ValueError as error:
        raise InvalidRowError([f"`facet`: {error}"]) from error
    expected = {label for label in LABELS if labels[label]}
    if {FACET_LABEL[facet] for facet in carried} != expected or len(carried) != len(expected):
        raise InvalidRowError(["`facet` must name one facet for each label that the case carries"])
    return {facet: facet in carried for facet in FACETS}
