from __future__ import annotations

import pytest

from data.languages import family_of, is_known_language, language_of
from data.sources.corpus import corpus_files, read_corpus


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en", "en"),
        ("es-MX", "es"),
        ("es-419", "es"),
        ("hi-Latn", "hi-Latn"),
        ("ur-Latn-PK", "ur-Latn"),
        ("zh-Hans", "zh"),
        ("zh-Hant-TW", "zh"),
        ("yue-Hant", "yue"),
        ("sr-Latn", "sr-Latn"),
        ("uz-Cyrl", "uz-Cyrl"),
        ("tl", "fil"),
        ("no", "nb"),
        ("taq-Tfng", "taq-Tfng"),
    ],
)
def test_a_tag_is_reported_by_primary_subtag_and_telling_script(tag: str, language: str) -> None:
    assert language_of(tag) == language


def test_bare_serbian_takes_the_script_of_its_text() -> None:
    assert language_of("sr", "Тражимо возача") == "sr-Cyrl"
    assert language_of("sr", "Tražimo vozača 🚗 ПДВ") == "sr-Latn"


def test_every_language_of_the_corpus_has_a_family() -> None:
    languages = {row.language for path in corpus_files() for row in read_corpus(path)}
    assert {tag for tag in languages if family_of(language_of(tag)) == "other"} == set()


def test_families_survive_the_script() -> None:
    assert family_of("hi-Latn") == family_of("hi") == "indic"
    assert family_of("tl") == "austronesian"


def test_a_language_without_an_entry_is_other() -> None:
    assert family_of("qq") == "other"
    assert not is_known_language("qq-Latn")
    assert not is_known_language("en--GB")
