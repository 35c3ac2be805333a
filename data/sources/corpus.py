"""The hand-written corpus that ships in `data/corpus`."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from classifier.labels import FACET_LABEL, LABELS, Facet
from data.languages import is_known_language
from data.records import Example, facets_for
from data.rows import RowFields, read_rows

NAME = "corpus"

POSITIVE_SLICES: dict[str, Facet | None] = {
    **{
        f"{FACET_LABEL[facet].value.removesuffix('_service')}_{facet.value}": facet
        for facet in Facet
        if facet is not Facet.DEBT_OR_DOCUMENTS
    },
    "fake_job_debt": Facet.DEBT_OR_DOCUMENTS,
    "both": None,
}
"""Slices of positives and the facet each names; `both` names none."""

NEGATIVE_SLICES = frozenset(
    f"neg_{kind}"
    for kind in (
        "counter_speech",
        "demand",
        "everyday",
        "homograph",
        "legal_service",
        "news",
        "opinion",
        "real_job",
        "satire",
        "shopping",
        "story",
        "travel",
        "warning",
    )
)

EVASIONS = frozenset(
    {
        "char_variant",
        "emoji_substitution",
        "homoglyph",
        "inserted_punctuation",
        "leet",
        "spaced_letters",
        "split_hashtag",
        "tatweel",
        "zero_width",
    }
)


def corpus_files() -> tuple[Path, ...]:
    """The files of the corpus, sorted by name."""
    folder = Path(str(files("data"))) / "corpus"
    return tuple(sorted(folder.glob("*.jsonl")))


def read_corpus(path: Path) -> list[Example]:
    """Examples of one corpus file. Raises SchemaError with every fault, SourceError."""
    return read_rows(path, parse_corpus_row)


def parse_corpus_row(fields: RowFields, line: int) -> Example:
    """Raises InvalidRowError with all that is wrong."""
    row_id = fields.text("id")
    group = fields.text("group")
    text = fields.text("text")
    language = fields.text("lang")
    labels = {label: fields.label(label.value) for label in LABELS}
    slice_ = fields.choice("slice", POSITIVE_SLICES.keys() | NEGATIVE_SLICES)
    evasion = fields.optional_choice("evasion", EVASIONS)
    coded = fields.flag("coded")
    if language and not is_known_language(language):
        fields.faults.append(f"`lang` {language!r} is not in the table of languages")
    if slice_ in NEGATIVE_SLICES and any(labels.values()):
        fields.faults.append(f"slice {slice_!r} is for negatives, but a label is 1")
    if slice_ in POSITIVE_SLICES and not any(labels.values()):
        fields.faults.append(f"slice {slice_!r} is for positives, but no label is 1")
    fields.finish()
    return Example(
        id=f"{NAME}:{row_id}",
        group=f"{NAME}:{group}",
        source=NAME,
        text=text,
        language=language,
        labels=labels,
        facets=facets_for(labels, POSITIVE_SLICES.get(slice_)),
        slice=slice_,
        evasion=evasion,
        coded=coded,
    )
