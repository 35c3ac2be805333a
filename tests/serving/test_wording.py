from __future__ import annotations

import pytest

from classifier.labels import FACETS, LABELS, Route
from classifier.text import normalise_with_offsets
from serving.pages import wording
from serving.pages.languages import NAMES, language_name
from serving.pages.samples import load_samples


def test_every_output_has_a_name_in_plain_words() -> None:
    assert set(wording.LABEL_NAMES) == set(LABELS)
    assert set(wording.FACET_NAMES) == set(FACETS)
    assert set(wording.ROUTE_NAMES) == set(wording.ROUTE_MEANINGS) == set(Route)


def test_every_change_of_the_normalisation_has_words_of_its_own() -> None:
    disguised = "ｐ4ssp0rt  \u200b\x00 pаypal @someone t.me/someone !!!!!!  v i s a s  مـرحبا ك ک"
    kinds = {change.kind for change in normalise_with_offsets(disguised).changes}
    assert len(kinds) >= 8
    for kind in kinds:
        assert kind.replace("_", " ") not in wording.change_words(kind, 2)


def test_changes_are_counted_in_words() -> None:
    assert wording.change_words("invisible_removed", 1) == "1 invisible character removed"
    assert wording.change_words("invisible_removed", 2) == "2 invisible characters removed"
    assert wording.change_words("something_new", 2) == "2 something new"


@pytest.mark.parametrize(
    ("probability", "shown"),
    [(0.0, "<0.1%"), (0.0004, "<0.1%"), (0.123, "12.3%"), (0.9996, ">99.9%"), (1.0, ">99.9%")],
)
def test_no_probability_is_shown_as_certain(probability: float, shown: str) -> None:
    assert wording.percent(probability).replace("\u202f", "") == shown


def test_languages_have_names_with_their_script_where_it_matters() -> None:
    assert language_name("sq") == "Albanian"
    assert language_name("hi-Latn") == "Hindi, Latin letters"
    assert language_name("qqq") == "qqq"
    assert all(name == name.strip() for name in NAMES.values())


def test_every_sample_is_in_a_language_that_has_a_name() -> None:
    for sample in load_samples():
        assert sample.language.partition("-")[0] in NAMES
