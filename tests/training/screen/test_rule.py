from __future__ import annotations

import numpy as np
import pytest

from classifier.labels import LABELS, Label
from data.records import Example
from evaluation.errors import TooFewRowsError
from evaluation.rare import estimate_rare
from tests.data.builders import example
from training.screen.rule import HIGHEST_RISK, RISK, choose_rule

RNG = np.random.default_rng(5)


def labelled(count: int, per_group: int = 2) -> list[Example]:
    labels: list[dict[Label, bool | None]] = [dict.fromkeys(LABELS, flag) for flag in (True, False)]
    return [
        example(
            f"corpus:{n}",
            f"text {n}",
            labels=labels[n % 2],
            group=f"g{n // per_group}",
            source="corpus",
        )
        for n in range(count)
    ]


def test_the_cut_clears_no_more_of_the_flagged_than_it_may() -> None:
    rows = labelled(12_000)
    logits = RNG.normal(size=(len(rows), len(LABELS)))
    flagged = np.array([any(row.labels.values()) for row in rows])
    logits[flagged] += 3
    rule = choose_rule(logits, flagged, rows, ["latin"] * len(rows))
    lost = np.asarray((logits < rule.cut).all(axis=1))[flagged]
    groups = [row.group for row, is_flagged in zip(rows, flagged, strict=True) if is_flagged]
    found = estimate_rare(lost, groups)
    assert found.value is not None
    assert found.high is not None
    assert 0 < found.value <= RISK
    assert found.high <= HIGHEST_RISK
    assert rule.support["lost"] == lost.sum()
    assert rule.evidenced == ("latin",)


def test_a_script_with_few_flagged_rows_is_no_evidence_and_never_cleared() -> None:
    rows = labelled(4_000)
    logits = RNG.normal(size=(len(rows), len(LABELS)))
    flagged = np.array([any(row.labels.values()) for row in rows])
    scripts = ["thai" if n < 100 else "latin" for n in range(len(rows))]
    rule = choose_rule(logits, flagged, rows, scripts)
    assert rule.evidenced == ("latin",)
    assert rule.support["flagged"] == 2_000 - 50


def test_too_few_rows_promise_nothing() -> None:
    rows = labelled(60)
    flagged = np.array([any(row.labels.values()) for row in rows])
    with pytest.raises(TooFewRowsError, match="flagged rows"):
        choose_rule(np.zeros((60, 2)), flagged, rows, ["latin"] * 60)
