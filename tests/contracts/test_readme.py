"""The README says what was measured, not what was hoped."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from evaluation.check import read_committed

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")

QUOTED = [
    ("corpus-test", "smuggling_service", "average_precision"),
    ("corpus-test", "fake_job", "average_precision"),
    ("corpus-test", "smuggling_service", "recall_at_2%_false_positives"),
    ("corpus-test", "fake_job", "recall_at_2%_false_positives"),
    ("corpus-test", "smuggling_service", "review_recall"),
    ("corpus-test", "fake_job", "review_recall"),
    ("emscad-test", "fake_job", "average_precision"),
    ("emscad-test", "fake_job", "average_precision_at_4.8%"),
    ("functional", "any", "accuracy"),
    ("contrast", "any", "groups_right"),
    ("evasion", "any", "recall_kept"),
]


@pytest.mark.parametrize(("suite", "label", "metric"), QUOTED)
def test_the_figures_quoted_are_the_committed_ones(suite: str, label: str, metric: str) -> None:
    committed = read_committed()[suite].figures[f"{label}/{metric}"]
    assert committed is not None
    rows = [line for line in README.splitlines() if suite in line and label in line]
    quoted = [float(number) for row in rows for number in re.findall(r"\d\.\d{3}", row)]
    # Both were rounded, to three digits and to four.
    assert min(abs(number - committed) for number in quoted) <= 0.00055, (rows, committed)


def test_every_local_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_make_target_it_names_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z]+)", README)) <= targets
