"""What a loaded model promises, whatever its weights have learnt."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from classifier.classifier import Classifier
from classifier.errors import EmptyTextError, InputError, TextTooLongError
from classifier.labels import FACETS, LABELS, Route, Stage
from classifier.reading import joined
from classifier.records import MAX_TEXT_CHARACTERS, Evidence, Post, Rejection, Score
from classifier.routing import labels_at, route

TOLERANCE = 0.01
TEXTS = (
    "Boat to Italy on Thursday, pay when you arrive, inbox",
    "مركب إلى أوروبا كل أسبوع، الدفع عند الوصول",
    "Nous cherchons un serveur pour la saison, contrat et salaire selon la convention",
    "зарплата каждый день",
    "船の仕事",
    "x",
    "😂",
    " ".join(f"The ferry of day {day} leaves late because of the storm." for day in range(40)),
    "[PHONE]",
    "भारत से यूरोप",
)
BLANKS = ("", " ", "\n\t\r\n", "\u200b\u200d\ufeff", "\u2060 \u00ad")
FRAGMENTS = (
    *("boat", "Seats", "a b c d", "p@y", "раураl", "مركب", "船", "かな", "สวัสดี", "के", "🇬🇧", "😂"),
    *(" ", "\n", "\u200b", "\u0301", "\x00", "\ud800", "\udfff", "ﬁ", "ﷺ", "<pad>", "<s>", "▁"),
    *("+44 7700 900123", "t.me/abc", "user@example.org", "@name", "[PHONE]", "#tag", "1-2-3"),
)
hostile_text = st.text(st.characters(codec=None), max_size=80) | st.builds(
    "".join, st.lists(st.sampled_from(FRAGMENTS), max_size=20)
)


def scores_of(answers: list[Score | Rejection]) -> list[Score]:
    scores = [answer for answer in answers if isinstance(answer, Score)]
    assert len(scores) == len(answers)
    return scores


def assert_same_scores(one: Score, other: Score) -> None:
    for label in LABELS:
        assert one.scores[label] == pytest.approx(other.scores[label], abs=TOLERANCE)
    assert one.language == other.language


def test_a_text_scores_the_same_alone_in_any_batch_and_explained(classifier: Classifier) -> None:
    together = scores_of(classifier.score(TEXTS))
    order = list(range(len(TEXTS)))
    random.Random(1).shuffle(order)
    crowd = [f"{'filler ' * (n % 30)}{n}" for n in range(60)]
    mixed = scores_of(classifier.score([*crowd, *(TEXTS[index] for index in order)]))[60:]
    explained = scores_of(classifier.score(TEXTS, explain=True))
    for index, text in enumerate(TEXTS):
        (alone,) = scores_of(classifier.score([text]))
        assert_same_scores(alone, together[index])
        assert_same_scores(alone, mixed[order.index(index)])
        assert_same_scores(alone, explained[index])


def test_texts_score_differently_from_each_other(classifier: Classifier) -> None:
    found = {score.scores[LABELS[0]] for score in scores_of(classifier.score(TEXTS))}
    assert len(found) == len(TEXTS)


def test_answers_come_in_the_order_of_the_posts(classifier: Classifier) -> None:
    posts = [Post(f"id {n}", text) for n, text in enumerate([*TEXTS, "", *TEXTS[::-1], " "])]
    for explain in (False, True):
        answers = classifier.score(posts, explain=explain)
        assert [answer.id for answer in answers] == [post.id for post in posts]
        rejected = [n for n, answer in enumerate(answers) if isinstance(answer, Rejection)]
        assert rejected == [len(TEXTS), len(posts) - 1]


def test_a_bare_text_is_named_by_its_number(classifier: Classifier) -> None:
    answers = classifier.score(["one", "", Post("own", "three"), "four"])
    assert [answer.id for answer in answers] == ["1", "2", "own", "4"]


def test_no_posts_give_no_answers(classifier: Classifier) -> None:
    assert classifier.score([]) == []


@pytest.mark.parametrize("text", BLANKS)
def test_a_blank_text_is_rejected_as_empty(classifier: Classifier, text: str) -> None:
    for explain in (False, True):
        (answer,) = classifier.score([Post("7", text)], explain=explain)
        assert isinstance(answer, Rejection)
        assert isinstance(answer.error, EmptyTextError)
        assert answer.to_dict()["error"]["code"] == "empty_text"
    with pytest.raises(EmptyTextError, match="send the words"):
        classifier.explain(text)


@pytest.mark.parametrize(
    "text", ["😂", "🇬🇧🇧🇪", "👨‍👩‍👧", "\x00", "a\x00b", "\ud800", "boat \udfff now", "."]
)
def test_odd_texts_are_scored(classifier: Classifier, text: str) -> None:
    (plain,) = scores_of(classifier.score([text]))
    explained = classifier.explain(text).score
    assert_same_scores(plain, explained)


def test_the_longest_text_is_scored_and_one_character_more_is_not(classifier: Classifier) -> None:
    longest = "boat " * (MAX_TEXT_CHARACTERS // 5)
    assert len(longest) == MAX_TEXT_CHARACTERS
    answers = classifier.score([longest, longest + "s", "short"])
    assert [type(answer) for answer in answers] == [Score, Rejection, Score]
    (_, rejection, _) = answers
    assert isinstance(rejection, Rejection)
    assert isinstance(rejection.error, TextTooLongError)
    assert "at most 20,000 characters, found 20,001" in rejection.error.detail
    assert "split it" in rejection.error.detail


def test_the_title_counts_towards_the_length(classifier: Classifier) -> None:
    title = "title"
    fits = "b" * (MAX_TEXT_CHARACTERS - len(title) - 1)
    assert len(joined(Post("1", fits, title))) == MAX_TEXT_CHARACTERS
    with pytest.raises(TextTooLongError):
        joined(Post("1", fits + "b", title))


def test_a_title_is_scored_as_title_newline_text(classifier: Classifier) -> None:
    titled, bare = scores_of(
        classifier.score([Post("1", TEXTS[0], "Work abroad"), f"Work abroad\n{TEXTS[0]}"])
    )
    assert_same_scores(titled, bare)


def test_evidence_lies_in_the_field_it_names(classifier: Classifier) -> None:
    post = Post("1", "  S e a t s tonight, p@y on arrival", "Bоat to Italy")
    assert post.title is not None
    evidence = classifier.explain(post).score.evidence
    assert evidence is not None
    words = {
        (e.field, (post.title if e.field == "title" else post.text)[e.start : e.end])
        for e in evidence
    }
    assert words <= {
        *(("title", word) for word in ("Bоat", "to", "Italy")),
        *(("text", word) for word in ("S e a t s", "tonight,", "p@y", "on", "arrival")),
    }
    assert {field for field, _ in words} == {"title", "text"}


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(text=hostile_text, title=st.none() | hostile_text)
@example(text="\ud83d\ude00", title="\n")
@example(text="", title="a")
@example(text="\u0301b", title="a")
@example(text="<pad></s>", title=None)
def test_no_text_raises_anything_but_an_input_error(
    classifier: Classifier, text: str, title: str | None
) -> None:
    post = Post("1", text, title)
    (plain,) = classifier.score([post])
    try:
        explained = classifier.explain(post).score
    except InputError:
        assert isinstance(plain, Rejection)
        return
    assert isinstance(plain, Score)
    assert_same_scores(plain, explained)
    assert explained.evidence
    for span in explained.evidence:
        assert_lies_within(span, post)


def assert_lies_within(span: Evidence, post: Post) -> None:
    field = post.text if span.field == "text" else post.title
    assert field is not None
    assert 0 <= span.start < span.end <= len(field)


def test_a_benign_tail_never_hides_a_bad_opening(classifier: Classifier) -> None:
    """The windows of the longer text include the opening one, token for token."""
    opening = " ".join(f"seat{n} boat" for n in range(20))
    longer = opening + " lovely day at the sea" * 60
    room = classifier.manifest.window.size - 2
    window = classifier._segmenter.segments(opening)
    whole = classifier._segmenter.segments(longer)
    assert whole.ids[:room] == window.ids[:room]
    first = window.spans[room - 1][1]
    (alone,) = scores_of(classifier.score([opening[:first]]))
    (long,) = scores_of(classifier.score([longer]))
    for label in LABELS:
        assert long.scores[label] >= alone.scores[label] - TOLERANCE


def test_threads_at_once_get_the_scores_of_one(classifier: Classifier) -> None:
    expected = scores_of(classifier.score(TEXTS))
    with ThreadPoolExecutor(4) as pool:
        rounds = list(pool.map(lambda _: classifier.score(TEXTS), range(12)))
    for answers in rounds:
        for score, wanted in zip(scores_of(answers), expected, strict=True):
            assert_same_scores(score, wanted)


def test_many_unknown_pieces_are_warned_of(classifier: Classifier) -> None:
    known, unknown = scores_of(classifier.score(["boat to Italy", "ߊߋߌ ߍߎߏ ߐߑߒ"]))
    assert known.warnings == ()
    assert unknown.warnings == ("many_unknown_pieces",)
    assert unknown.to_dict()["warnings"] == ["many_unknown_pieces"]


def test_labels_and_route_follow_from_scores_and_thresholds(classifier: Classifier) -> None:
    thresholds = classifier.manifest.thresholds
    found = scores_of(classifier.score([f"{text} {n}" for text in TEXTS for n in range(5)]))
    for score in found:
        assert score.labels == labels_at(score.scores, thresholds)
        assert score.route is route(score.scores, thresholds)
    assert {score.route for score in found} == set(Route)


def test_facets_and_evidence_come_with_explain_alone(classifier: Classifier) -> None:
    (plain,) = scores_of(classifier.score(TEXTS[:1]))
    (explained,) = scores_of(classifier.score(TEXTS[:1], explain=True))
    assert plain.facets is None
    assert plain.evidence is None
    assert explained.facets is not None
    assert list(explained.facets) == list(FACETS)
    assert all(0 <= probability <= 1 for probability in explained.facets.values())


def test_the_record_has_the_form_of_the_contract(classifier: Classifier) -> None:
    post = Post("7", TEXTS[0], "Offer")
    (plain,) = scores_of(classifier.score([post]))
    record = plain.to_dict()
    assert list(record) == [
        *("id", "scores", "labels", "route", "language", "stage", "model", "policy"),
    ]
    assert record["id"] == "7"
    assert list(record["scores"]) == [label.value for label in LABELS]
    assert record["route"] in {"clear", "review", "priority"}
    assert record["stage"] == Stage.ENCODER.value == "encoder"
    assert record["model"] == classifier.manifest.model
    assert record["policy"] == "1"

    explained = classifier.explain(post).score.to_dict()
    assert list(explained) == [*record, "facets", "evidence"]
    assert list(explained["facets"]) == [facet.value for facet in FACETS]
    for span in explained["evidence"]:
        fields = ["start", "end", "label", "weight"]
        assert list(span) in (fields, [*fields, "field"])
        assert span.get("field", "title") == "title"


def test_a_rejection_has_the_form_of_the_contract() -> None:
    rejection = Rejection("7", EmptyTextError("expected text"), line=3)
    assert rejection.to_dict() == {
        "id": "7",
        "line": 3,
        "error": {"code": "empty_text", "title": "The text is empty", "detail": "expected text"},
    }


def test_an_explanation_tells_what_the_normalisation_did(classifier: Classifier) -> None:
    explanation = classifier.explain("S e a t s in a Bоat")
    assert explanation.normalised.text == "Seats in a Boat"
    assert {change.kind for change in explanation.normalised.changes} == {
        "lookalikes_folded",
        "letters_joined",
    }
