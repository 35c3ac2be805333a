"""The whole EMSCAD (Vidros et al. 2017) from the model hub, where that is reachable."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from classifier.labels import Label
from data.errors import SourceError
from data.records import Example, facets_for

NAME = "emscad"

_TEXT_COLUMNS = ("title", "company_profile", "description", "requirements", "benefits")
_NEEDED = frozenset({*_TEXT_COLUMNS, "fraudulent"})


def load_emscad(dataset: str) -> list[Example]:
    """All rows of a dataset with EMSCAD's own columns. Raises SourceError.

    `dataset` is a name on the hub or a folder that the `datasets` library can read.
    """
    try:
        from datasets import concatenate_datasets, load_dataset
    except ImportError as error:
        raise SourceError(
            "reading from the hub needs the `datasets` library: install lurewatch[train]"
        ) from error
    try:
        parts = load_dataset(dataset)
        rows = concatenate_datasets([parts[name] for name in sorted(parts)])
    # The library raises errors of five packages for a missing name, network or file.
    except Exception as error:
        raise SourceError(
            f"{dataset!r} cannot be loaded from the hub ({type(error).__name__}: {error}). "
            f"Check the name and the network, or leave --emscad-hub out."
        ) from error
    missing = sorted(_NEEDED - set(rows.column_names))
    if missing:
        raise SourceError(f"{dataset!r} lacks the EMSCAD columns {', '.join(missing)}")
    return render_emscad(rows)


def render_emscad(rows: Iterable[Mapping[str, Any]]) -> list[Example]:
    """Examples from rows with EMSCAD's columns, one group for each company profile.

    The location is left out of the text, as in the copy on disk, so that both read alike.
    """
    examples: list[Example] = []
    for number, row in enumerate(rows, start=1):
        row_id = f"{NAME}:{number:06d}"
        profile = " ".join(str(row["company_profile"] or "").split())
        digest = hashlib.sha256(profile.encode("utf-8", "surrogatepass")).hexdigest()
        labels = {
            Label.SMUGGLING_SERVICE: None,
            Label.FAKE_JOB: _fraudulent(row["fraudulent"], number),
        }
        examples.append(
            Example(
                id=row_id,
                group=f"{NAME}:{digest[:12]}" if profile else row_id,
                source=NAME,
                text="\n".join(str(row[column]) for column in _TEXT_COLUMNS if row[column]),
                language="en",
                labels=labels,
                facets=facets_for(labels, None),
                slice="job_ad_full",
            )
        )
    return examples


def _fraudulent(value: object, number: int) -> bool:
    """The column as CSV and Parquet copies have it; some spell the number `t` and `f`."""
    known = {"1": True, "0": False, "t": True, "f": False, "True": True, "False": False}
    if str(value) not in known:
        raise SourceError(f"EMSCAD row {number}: `fraudulent` must be 0 or 1, found {value!r}")
    return known[str(value)]
