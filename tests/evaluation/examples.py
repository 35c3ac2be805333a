"""Examples with only what a test cares about."""

from __future__ import annotations

from classifier.labels import FACETS, Label
from data.records import Example


def example(
    name: str,
    text: str = "a room to let by the sea",
    *,
    smuggling: bool | None = False,
    job: bool | None = False,
    group: str | None = None,
    source: str = "corpus",
    language: str = "en-GB",
    slice_name: str = "neg_everyday",
    evasion: str | None = None,
    fold: int | None = None,
) -> Example:
    return Example(
        id=f"{source}:{name}",
        group=group or name,
        source=source,
        text=text,
        language=language,
        labels={Label.SMUGGLING_SERVICE: smuggling, Label.FAKE_JOB: job},
        facets=dict.fromkeys(FACETS),
        slice=slice_name,
        evasion=evasion,
        fold=fold,
    )
