from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from classifier.labels import Label
from classifier.records import Evidence
from serving.pages.highlight import Segment, of_field, segments

LABEL = Label.SMUGGLING_SERVICE
positions = st.integers(-5, 60)


@given(
    st.text(max_size=50),
    st.lists(st.tuples(positions, positions, st.floats(-5, 5))),
    st.floats(0, 5),
)
def test_the_segments_joined_are_the_text(
    text: str, spans: list[tuple[int, int, float]], strongest: float
) -> None:
    evidence = [Evidence(start, end, LABEL, weight) for start, end, weight in spans]
    pieces = segments(text, evidence, strongest)
    assert "".join(piece.text for piece in pieces) == text
    assert all(piece.text for piece in pieces)
    assert all(piece.strength in range(4) for piece in pieces)


def test_a_stretch_is_marked_by_sign_and_strength() -> None:
    evidence = [Evidence(0, 4, LABEL, 0.9), Evidence(5, 8, LABEL, -0.4), Evidence(8, 9, LABEL, 0.1)]
    assert segments("boat not!", evidence, 0.9) == (
        Segment("boat", "for", 3, 0.9),
        Segment(" "),
        Segment("not", "against", 2, -0.4),
        Segment("!", "for", 1, 0.1),
    )


def test_what_hardly_weighs_anything_stays_plain() -> None:
    evidence = [Evidence(0, 4, LABEL, 1.0), Evidence(5, 8, LABEL, 0.05)]
    kinds = [piece.kind for piece in segments("boat the", evidence, 1.0)]
    assert kinds == ["for", "plain", "plain"]


def test_where_spans_overlap_the_heavier_shows() -> None:
    evidence = [Evidence(0, 3, LABEL, 0.2), Evidence(2, 5, LABEL, -0.8)]
    kinds = [(piece.text, piece.kind) for piece in segments("abcde", evidence, 0.8)]
    assert kinds == [("ab", "for"), ("c", "against"), ("de", "against")]


def test_evidence_is_taken_by_label_and_field() -> None:
    mine = Evidence(0, 1, LABEL, 0.1)
    others = [Evidence(0, 1, LABEL, 0.1, "title"), Evidence(0, 1, Label.FAKE_JOB, 0.1)]
    assert of_field([mine, *others], LABEL, "text") == (mine,)
