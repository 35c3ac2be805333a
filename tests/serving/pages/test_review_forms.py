"""Reading the forms: what a judgement follows from, and what is left out."""

from __future__ import annotations

import pytest
from starlette.datastructures import FormData, QueryParams

from classifier.labels import FACET_LABEL, FACETS, Facet, Label
from serving.clock import utc_now
from serving.errors import InvalidRequestError
from serving.pages.review.forms import (
    FACET_REASONS,
    judgement_of,
    read_answers,
    read_narrowing,
    read_version,
)
from serving.review.ranking import Slot
from serving.review.reasons import REASONS
from serving.review.records import Decided, Judgement, PostKind


def judged(*fields: tuple[str, str]) -> Judgement:
    return judgement_of(read_answers(FormData(list(fields))))


YES_NO = (("smuggling_service", "yes"), ("fake_job", "no"))
NO_NO = (("smuggling_service", "no"), ("fake_job", "no"))


def test_every_kind_has_a_reason_of_its_own_label() -> None:
    assert set(FACET_REASONS) == set(FACETS)
    assert len(set(FACET_REASONS.values())) == len(FACETS)
    for facet, code in FACET_REASONS.items():
        assert REASONS[code].label is FACET_LABEL[facet]


def test_the_reason_follows_from_the_first_kind() -> None:
    facets = (("facet", "staff"), ("facet", "transport"))
    judgement = judged(*YES_NO, *facets, ("action", "remove"), ("note", " seen\r\ntwice "))
    assert judgement.labels == {Label.SMUGGLING_SERVICE: True, Label.FAKE_JOB: False}
    assert judgement.reason == "offers_crossing"
    assert judgement.action is Decided.REMOVE
    assert judgement.note == "seen\ntwice"
    assert judgement.facets is not None
    assert {facet for facet, is_so in judgement.facets.items() if is_so} == {
        Facet.TRANSPORT,
        Facet.STAFF,
    }
    assert {FACET_LABEL[facet] for facet in judgement.facets} == {Label.SMUGGLING_SERVICE}


def test_a_kind_of_a_label_that_is_not_true_is_dropped() -> None:
    facets = (("facet", "transport"), ("facet", "mule"))
    judgement = judged(*YES_NO, *facets, ("action", "label"))
    assert judgement.facets is not None
    assert Facet.MULE not in judgement.facets


def test_two_times_no_needs_a_reason_and_no_action() -> None:
    judgement = judged(*NO_NO, ("reason", "warns_or_reports"))
    assert (judgement.action, judgement.reason) == (Decided.NONE, "warns_or_reports")
    assert judgement.facets is None


def test_who_cannot_tell_need_not_say_why() -> None:
    judgement = judged(("smuggling_service", "unclear"), ("fake_job", "no"))
    assert judgement.labels[Label.SMUGGLING_SERVICE] is None
    assert (judgement.action, judgement.reason) == (Decided.NONE, "cannot_tell")


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ((), "/smuggling_service"),
        ((("smuggling_service", "yes"),), "/fake_job"),
        ((("smuggling_service", "maybe"), ("fake_job", "no")), "/smuggling_service"),
        (YES_NO, "/facets"),
        ((*YES_NO, ("facet", "mule")), "/facets"),
        ((*YES_NO, ("facet", "transport")), "/action"),
        ((*YES_NO, ("facet", "transport"), ("action", "explode")), "/action"),
        (NO_NO, "/reason"),
    ],
)
def test_what_is_missing_is_asked_for(fields: tuple[tuple[str, str], ...], pointer: str) -> None:
    if pointer != "/action":
        fields = (*fields, ("action", "none"))
    with pytest.raises(InvalidRequestError) as raised:
        judged(*fields)
    assert raised.value.fields[0].pointer == pointer


@pytest.mark.parametrize("version", ["", "x", "-1", "1.5", "٣", "9" * 30])
def test_a_version_that_is_none_is_refused(version: str) -> None:
    with pytest.raises(InvalidRequestError, match="Reload"):
        read_version(FormData([("version", version)]))


def test_filters_are_read_and_nonsense_is_left_out() -> None:
    query = "label=fake_job&language=ar&kind=advert&hours=24&escalated=1&page=3"
    narrowing = read_narrowing(QueryParams(query))
    filters = narrowing.filters(utc_now())
    assert filters.label is Label.FAKE_JOB
    assert filters.kind is PostKind.ADVERT
    assert filters.languages == frozenset({"ar"})
    assert filters.older_than is not None
    assert (utc_now() - filters.older_than).total_seconds() == pytest.approx(86_400, abs=5)
    assert narrowing.slot is Slot.ESCALATED
    assert "&".join(f"{name}={value}" for name, value in narrowing.filled()) in query
    nonsense = read_narrowing(QueryParams("label=x&kind=1&hours=-4&escalated=yes&language="))
    assert nonsense.filled() == []
    assert nonsense.slot is None
