"""Plain words for what a post says: in which languages they are found, and what they promise."""

from __future__ import annotations

import time

import pytest

from classifier.labels import FACET_LABEL, FACETS, Facet, Label, Route, Stage
from classifier.records import Evidence, Post, Score
from classifier.text import normalise_with_offsets
from serving.pages.review.cues import COUNTER_CUES, Cue, find_cues
from serving.pages.review.reasons import CUE_WORDS, FACET_WORDS, Reasons, find_reasons


def cues(text: str) -> dict[Cue, str]:
    return {
        found.cue: text[found.start : found.end]
        for found in find_cues(normalise_with_offsets(text))
    }


def reasons(
    text: str,
    title: str | None = None,
    facets: dict[Facet, float] | None = None,
    labels: tuple[Label, ...] = (Label.SMUGGLING_SERVICE,),
    evidence: tuple[Evidence, ...] = (),
) -> Reasons:
    score = Score(
        "1",
        {Label.SMUGGLING_SERVICE: 0.9, Label.FAKE_JOB: 0.1},
        labels,
        Route.REVIEW,
        "en",
        Stage.ENCODER,
        "model",
        "1",
        {facet: (facets or {}).get(facet, 0.0) for facet in FACETS},
        evidence,
    )
    post = Post("1", text, title)
    whole = text if title is None else f"{title}\n{text}"
    return find_reasons(post, score, normalise_with_offsets(whole))


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("Boat Thursday, 1,800 an adult", Cue.PRICE_PER_PERSON),
        ("700€/pers, départ demain", Cue.PRICE_PER_PERSON),
        ("по дороге 45 т.р. за чел.", Cue.PRICE_PER_PERSON),
        ("4.500 το άτομο", Cue.PRICE_PER_PERSON),
        ("نفری ۴۰۰ یورو", Cue.PRICE_PER_PERSON),
        ("kişi 2800 €", Cue.PRICE_PER_PERSON),
        ("salary 28 dollars", Cue.PRICE),
        ("12 000 FCFA", Cue.PRICE),
        ("pay when you arrive", Cue.PAY_ON_ARRIVAL),
        ("والدفع بعد الوصول", Cue.PAY_ON_ARRIVAL),
        ("先走后付，安全", Cue.PAY_ON_ARRIVAL),
        ("Lacagta markaad gaarto", Cue.PAY_ON_ARRIVAL),
        ("ምስ በጻሕኩም", Cue.PAY_ON_ARRIVAL),
        ("деньги через гаранта", Cue.MONEY_HELD),
        ("send the registration fee today", Cue.FEE_FIRST),
        ("材料保证金1500", Cue.FEE_FIRST),
        ("nhận hàng đặt cọc 480k", Cue.FEE_FIRST),
        ("sin pasaporte ni papeles", Cue.NO_PAPERS),
        ("Работа без опыта", Cue.NO_EXPERIENCE),
        ("only 2 seats left", Cue.PLACES_LEFT),
        ("100% garantiert", Cue.GUARANTEE),
        ("🇹🇷➡️🇮🇹 this week", Cue.ROUTE),
        ("Bamako -> Gao -> Tamanrasset", Cue.ROUTE),
        ("details in DM", Cue.PRIVATE_CONTACT),
        ("call +44 7700 900123", Cue.CONTACT),
        ("كيف أصل إلى هناك؟", Cue.QUESTION),
        ("he wrote “guaranteed seat, pay later”", Cue.QUOTED),
        ("Обережно: це шахраї", Cue.WARNING),
        ("警方逮捕了三人", Cue.REPORT),
    ],
)
def test_a_cue_is_found_in_the_languages_of_the_corpus(text: str, cue: Cue) -> None:
    assert cue in cues(text)


def test_the_more_exact_cue_hides_the_general_one() -> None:
    assert Cue.PRICE not in cues("€1,200 per person, inbox")
    assert Cue.CONTACT not in cues("inbox me, +44 7700 900123")


@pytest.mark.parametrize(
    "text", ["30 kişi geldi", "at 9 pm we eat", "a scampi dish", "the courtyard", "deposits", ""]
)
def test_a_phrase_inside_another_word_or_without_a_price_is_no_cue(text: str) -> None:
    assert not cues(text)


def test_a_cue_is_found_under_its_disguise_and_quoted_as_it_was_written() -> None:
    text = "d e p o s i t first"
    assert cues(text)[Cue.FEE_FIRST] == "d e p o s i t"


def test_what_is_quoted_stands_in_the_post_and_its_title() -> None:
    found = reasons("no passport, 900 a head", title="Pay on arrival")
    quotes = {why.words: why.quote for why in found.speaking_for}
    assert quotes == {
        "Names a price per person": "900 a head",
        "Pay on arrival": "Pay on arrival",
        "No passport or visa needed": "no passport",
    }


def test_where_the_evidence_is_heaviest_comes_first() -> None:
    text = "no passport, 900 a head"
    evidence = (
        Evidence(0, 11, Label.SMUGGLING_SERVICE, 0.7),
        Evidence(13, 23, Label.SMUGGLING_SERVICE, 0.1),
        Evidence(13, 23, Label.FAKE_JOB, 5.0),
    )
    first, second = reasons(text, evidence=evidence).speaking_for
    assert (first.quote, second.quote) == ("no passport", "900 a head")


def test_kinds_come_first_and_say_that_the_model_may_err() -> None:
    facets = {Facet.TRANSPORT: 0.8, Facet.STAFF: 0.3, Facet.TASK: 0.9, Facet.DOCUMENTS: 0.1}
    words = [why.words for why in reasons("900 a head", facets=facets).speaking_for]
    assert words == [
        "Reads like: offers a crossing",
        "May be: wants drivers, skippers or guides",
        "Names a price per person",
    ]


def test_what_asks_warns_or_reports_stands_apart() -> None:
    found = reasons("Is it a scam? The police arrested two.")
    assert {why.words for why in found.speaking_against} == {
        "Asks a question",
        "Uses words of warning",
        "Speaks of police, courts or officials",
    }
    assert not found.speaking_for


def test_long_quotes_are_cut() -> None:
    (why,) = reasons(f"he said “{'word ' * 50}”").speaking_against
    assert why.quote is not None
    assert len(why.quote) == 70
    assert why.quote.endswith("…")


def test_every_facet_and_cue_has_words() -> None:
    assert set(FACET_WORDS) == set(FACET_LABEL)
    assert set(CUE_WORDS) == set(Cue)
    assert set(Cue) > COUNTER_CUES


@pytest.mark.parametrize(
    "text",
    [
        "a" * 20_000,
        "abcdefghij" * 2_000,
        "东南亚高薪" * 4_000,
        "“" * 20_000,
        "? " * 10_000,
        "9" * 20_000,
        "9 " * 10_000,
        "9." * 10_000,
        "é\n" * 10_000,
    ],
)
def test_no_text_takes_long(text: str) -> None:
    normalised = normalise_with_offsets(text)
    began = time.process_time()
    find_cues(normalised)
    assert time.process_time() - began < 1
