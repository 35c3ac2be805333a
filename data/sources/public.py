"""Public sets on disk: gzip-compressed JSONL files of one schema, found by name in a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from classifier.labels import FACETS, LABELS, Facet
from data.languages import is_known_language
from data.records import Example, facets_for
from data.rows import RowFields, read_rows

EMSCAD_COLUMNS = (
    "job_id",
    "title",
    "location",
    "department",
    "salary_range",
    "company_profile",
    "description",
    "requirements",
    "benefits",
    "telecommuting",
    "has_company_logo",
    "has_questions",
    "employment_type",
    "required_experience",
    "required_education",
    "industry",
    "function",
    "fraudulent",
)

_SCREENED = ("label_by", "screen")


@dataclass(frozen=True, slots=True)
class PublicSet:
    """One public set. `unused` lists the fields that it has and the examples do not take."""

    name: str
    unused: tuple[str, ...]
    has_facet: bool = False

    @property
    def file_name(self) -> str:
        return f"{self.name}.jsonl.gz"


PUBLIC_SETS: tuple[PublicSet, ...] = (
    PublicSet("afrisenti", _SCREENED),
    PublicSet("brighter", _SCREENED),
    # `text` holds the title, profile, description, requirements and benefits. The location is
    # left out: whether it is there depends on the copy a row came from, and so on the label.
    PublicSet("emscad", (*EMSCAD_COLUMNS, "origin")),
    PublicSet("govuk_visa", ("label_by",)),
    PublicSet("hatecheck_multilingual", ("label_by", "functionality", "target")),
    PublicSet("job_sentences_uk", _SCREENED),
    PublicSet("masakhanews", (*_SCREENED, "category")),
    PublicSet("refugee_phrasebook", ("label_by", "english")),
    PublicSet("sib200", _SCREENED),
    PublicSet("sms_mishra_soni", _SCREENED),
    PublicSet("tgspam", (*_SCREENED, "source_label"), has_facet=True),
    PublicSet("umsab_ar_en", _SCREENED),
)


def read_public(public_set: PublicSet, folder: Path) -> list[Example]:
    """The examples of one set, numbered by line. Raises SchemaError with every fault."""

    def parse(fields: RowFields, line: int) -> Example:
        row_id = f"{public_set.name}:{line:06d}"
        text = fields.text("text")
        language = fields.text("lang")
        labels = {label: fields.label(label.value) for label in LABELS}
        slice_ = fields.text("slice")
        group = fields.optional_text("group")
        facet = _facet(fields) if public_set.has_facet else None
        if language and not is_known_language(language):
            fields.faults.append(f"`lang` {language!r} is not in the table of languages")
        fields.ignore(("source", *public_set.unused))
        fields.finish()
        return Example(
            id=row_id,
            group=row_id if group is None else group,
            source=public_set.name,
            text=text,
            language=language,
            labels=labels,
            facets=facets_for(labels, facet),
            slice=slice_,
        )

    return read_rows(folder / public_set.file_name, parse)


def _facet(fields: RowFields) -> Facet | None:
    """Only rows that a person read have the field."""
    value = fields.optional_choice("facet", FACETS, absent=True)
    return None if value is None else Facet(value)
