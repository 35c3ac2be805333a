from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from classifier.errors import EmptyTextError
from classifier.labels import FACETS, LABELS, Label, Route, Stage
from classifier.records import Evidence, Rejection, Score

PROBABILITIES = st.floats(0, 1)
SCORES = st.builds(
    Score,
    id=st.text(),
    scores=st.fixed_dictionaries(dict.fromkeys(LABELS, PROBABILITIES)),
    labels=st.sampled_from([(), LABELS[:1], LABELS[1:], LABELS]),
    route=st.sampled_from(Route),
    language=st.sampled_from(["en", "hi-Latn", "und"]),
    stage=st.sampled_from(Stage),
    model=st.text(),
    policy=st.text(),
    facets=st.none() | st.just(dict.fromkeys(FACETS, 0.25)),
    evidence=st.none() | st.just((Evidence(0, 3, Label.FAKE_JOB, 0.123456),)),
    warnings=st.sampled_from([(), ("many_unknown_pieces",)]),
)


@given(SCORES)
def test_a_score_is_the_same_line_however_it_is_written(score: Score) -> None:
    assert score.to_json() == json.dumps(score.to_dict(), ensure_ascii=False)


def test_a_rejection_is_a_line_of_json() -> None:
    rejection = Rejection("7", EmptyTextError("expected text, found «» \n"), line=7)
    assert json.loads(rejection.to_json()) == rejection.to_dict()
