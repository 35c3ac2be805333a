"""Small training sets for the tests of `training`."""

from __future__ import annotations

from classifier.labels import Label
from data.records import Example
from tests.data.builders import example


def cell(source: str, language: str, count: int, smuggling: bool | None = False) -> list[Example]:
    """`count` examples alike in source, language and label, different in text."""
    return [
        example(
            f"{source}:{language}-{smuggling}-{number}",
            f"text {number} of {source} in {language}" + " and so on" * (number % 7),
            source=source,
            language=language,
            labels={Label.SMUGGLING_SERVICE: smuggling, Label.FAKE_JOB: False},
        )
        for number in range(count)
    ]
