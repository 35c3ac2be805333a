"""Score records as they are stored: the public record as JSON, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from classifier.labels import Facet, Label, Route, Stage
from classifier.records import Evidence, Score


def write_score(score: Score) -> str:
    return json.dumps(score.to_dict(), ensure_ascii=False, separators=(",", ":"))


def read_score(record: str) -> Score:
    """The score that `write_score` was given, its numbers rounded as the public record's are."""
    table: dict[str, Any] = json.loads(record)
    facets: Mapping[str, float] | None = table.get("facets")
    evidence = table.get("evidence")
    return Score(
        id=table["id"],
        scores={Label(label): p for label, p in table["scores"].items()},
        labels=tuple(map(Label, table["labels"])),
        route=Route(table["route"]),
        language=table["language"],
        stage=Stage(table["stage"]),
        model=table["model"],
        policy=table["policy"],
        facets=None if facets is None else {Facet(facet): p for facet, p in facets.items()},
        evidence=None if evidence is None else tuple(map(_evidence, evidence)),
        warnings=tuple(table.get("warnings", ())),
    )


def as_stored(score: Score, item_id: str) -> Score:
    """`score` as it will be read back. It bears the item's id: a post's own could not be erased."""
    return read_score(write_score(replace(score, id=item_id)))


def _evidence(span: Mapping[str, Any]) -> Evidence:
    return Evidence(
        start=span["start"],
        end=span["end"],
        label=Label(span["label"]),
        weight=span["weight"],
        field=span.get("field", "text"),
    )
