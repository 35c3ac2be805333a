"""The contrast suite: groups whose members' labels differ, right only as a whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from data.records import Example, write_examples
from data.splits import MANIFEST_NAME, SPLITS, split_path
from evaluation.suites.contrast import CONTRAST, contrasting
from evaluation.suites.suite import SuiteReport
from evaluation.workbench import Workbench
from tests.evaluation.examples import example


def _twins(name: str, *, language: str = "en-GB", members: int = 2) -> list[Example]:
    """One offer and its harmless twins, in a group of their own."""
    return [
        example(
            f"{name}-{n}",
            f"{name}: boat to the coast, twin {n}",
            smuggling=n == 0,
            group=name,
            language=language,
        )
        for n in range(members)
    ]


@pytest.fixture
def build(tmp_path: Path) -> Path:
    rows = [
        *_twins("a"),
        *_twins("b", members=6),
        *_twins("c", language="tr"),
        example("alone", smuggling=True),
    ]
    for split in SPLITS:
        write_examples(split_path(tmp_path, split), rows)
    (tmp_path / MANIFEST_NAME).write_text(json.dumps({"hash": "f" * 64}), encoding="utf-8")
    return tmp_path


def _cells(report: SuiteReport, label: str) -> dict[tuple[str, str], int]:
    return {
        (figure.dimension, figure.slice): figure.model.n
        for figure in report.figures
        if figure.label == label
    }


def test_groups_are_counted_whole_by_language_and_by_members(build: Path, tiny_model: Path) -> None:
    report = CONTRAST.run(Workbench(build, tiny_model, with_baseline=False))

    assert (report.rows, report.groups) == (10, 3)
    assert _cells(report, "smuggling_service") == {
        ("overall", "all"): 3,
        ("language", "other germanic"): 2,
        ("language", "other turkic"): 1,
        ("members", "2"): 2,
        ("members", "5 and more"): 1,
    }
    assert _cells(report, "any") == _cells(report, "smuggling_service")


def test_a_label_that_differs_in_no_group_has_no_figure(build: Path, tiny_model: Path) -> None:
    report = CONTRAST.run(Workbench(build, tiny_model, with_baseline=False))

    assert _cells(report, "fake_job") == {}


def test_only_groups_of_the_corpus_with_different_labels_contrast() -> None:
    twins = _twins("a")
    rows = [
        example("same 1", group="same"),
        example("same 2", group="same"),
        example("half known", group="unknown", smuggling=None),
        example("other half", group="unknown", smuggling=True),
        example("public", group="public", source="brighter"),
        example("spam", group="public", source="brighter", job=True),
        *twins,
    ]

    assert contrasting(rows) == twins


def test_a_build_without_contrast_groups_is_named_as_absent(
    corpus_build: Path, tiny_model: Path
) -> None:
    report = CONTRAST.run(Workbench(corpus_build, tiny_model))

    assert report.absent is not None
    assert "contrast groups" in report.absent
