"""The command prints and keeps its report, and its exit status tells whether figures hold."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from classifier.errors import LurewatchError, UsageError
from evaluation import command


def _run(*arguments: str | Path) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args([str(argument) for argument in arguments]))


def test_an_update_then_a_check_holds_and_a_changed_figure_is_named(
    corpus_build: Path, tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = tmp_path / "figures.json"
    common: list[str | Path] = [
        *("corpus-test", "--no-baseline", "--model", tiny_model, "--data", corpus_build),
        *("--out", tmp_path / "out", "--figures", figures),
    ]

    assert _run(*common, "--update") == 0
    assert _run(*common, "--check") == 0

    committed = json.loads(figures.read_text(encoding="utf-8"))
    committed["suites"]["corpus-test"]["figures"]["fake_job/average_precision"] += 0.006
    figures.write_text(json.dumps(committed), encoding="utf-8")
    capsys.readouterr()

    assert _run(*common, "--check") == 1
    printed = capsys.readouterr().out
    assert "corpus-test fake_job/average_precision: committed" in printed
    assert "Check: 1 figures deviate" in printed


def test_the_report_is_kept_and_names_the_absent_suite(
    corpus_build: Path, tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = _run(
        *("emscad-test", "--model", tiny_model, "--data", corpus_build, "--out", tmp_path)
    )

    assert status == 0
    report = json.loads((tmp_path / command.REPORT_NAME).read_text(encoding="utf-8"))
    assert report["data"] == "f" * 64
    assert report["thresholds"]["fake_job"] == {"review": 0.5, "priority": 0.8}
    assert "emscad" in report["suites"][0]["absent"]
    assert "emscad-test: absent" in capsys.readouterr().out
    page = (tmp_path / command.PAGE_NAME).read_text(encoding="utf-8")
    assert "<b>emscad-test</b>: " in page


def test_two_runs_keep_the_same_bytes(corpus_build: Path, tiny_model: Path, tmp_path: Path) -> None:
    kept = []
    for name in ("first", "second"):
        _run(
            *("corpus-test", "--model", tiny_model, "--data", corpus_build),
            *("--out", tmp_path / name),
        )
        kept.append((tmp_path / name / command.REPORT_NAME).read_bytes())

    assert kept[0] == kept[1]


def test_out_of_fold_scores_are_told_without_loading_a_model(
    corpus_build: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        json.loads(line)
        for split in ("train", "test")
        for line in (corpus_build / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    predictions = tmp_path / "oof.jsonl"
    with predictions.open("w", encoding="utf-8") as file:
        for row in rows:
            labels = {name: float(row[name]) for name in ("smuggling_service", "fake_job")}
            file.write(json.dumps({"id": row["id"], "fold": row["fold"], **labels}) + "\n")

    status = _run(
        *("oof", "--predictions", predictions, "--data", corpus_build, "--out", tmp_path),
        *("--model", tmp_path / "no such model"),
    )

    assert status == 0
    printed = capsys.readouterr().out
    assert "oof: 72 rows in 72 groups" in printed
    report = json.loads((tmp_path / command.REPORT_NAME).read_text(encoding="utf-8"))
    assert report["model"] is None


def test_an_unknown_suite_is_a_usage_error_that_lists_the_suites(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="corpus-test, emscad-test"):
        _run("corpus", "--data", tmp_path)


def test_a_missing_build_is_an_error_that_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(LurewatchError, match="lurewatch data build"):
        _run("corpus-test", "--data", tmp_path)


def test_a_check_without_committed_figures_fails_before_it_measures(tmp_path: Path) -> None:
    with pytest.raises(LurewatchError, match="--update"):
        _run("--check", "--figures", tmp_path / "none.json", "--data", tmp_path)


def test_kept_scores_and_the_model_they_are_of_do_not_differ(
    corpus_build: Path, tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "before-corpus-test.json.gz"
    common: list[str | Path] = ["--data", corpus_build, "--out", tmp_path, "--model", tiny_model]
    assert _run("corpus-test", "--no-baseline", "--keep-scores", kept, *common) == 0

    status = _run("compare", kept, tiny_model, "--on", "corpus-test", *common)

    assert status == 1
    assert "Undecided" in capsys.readouterr().out
    comparison = json.loads((tmp_path / command.COMPARISON_NAME).read_text(encoding="utf-8"))
    assert comparison["verdict"] == "undecided"
    assert comparison["data"] == "f" * 64
    assert {figure["suite"] for figure in comparison["figures"]} == {"corpus-test"}


def test_a_better_one_is_status_0(
    corpus_build: Path, tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common: list[str | Path] = ["--data", corpus_build, "--out", tmp_path, "--on", "corpus-test"]

    assert _run("compare", tiny_model, "tfidf", *common) == 0
    assert "tfidf is better than" in capsys.readouterr().out
    assert _run("compare", "tfidf", tiny_model, *common) == 1


def test_a_comparison_of_one_or_on_an_unknown_suite_is_a_usage_error(
    corpus_build: Path, tiny_model: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="two models"):
        _run("compare", tiny_model, "--data", corpus_build)
    with pytest.raises(UsageError, match="models are compared on corpus-test"):
        _run("compare", tiny_model, tiny_model, "--on", "language", "--data", corpus_build)
    with pytest.raises(UsageError, match="baselines to be had"):
        _run("compare", tiny_model, "frozen", "--data", corpus_build)


def test_only_the_named_baseline_is_measured(
    corpus_build: Path, tiny_model: Path, tmp_path: Path
) -> None:
    _run(
        *("corpus-test", "--baseline", "lexicon", "--model", tiny_model),
        *("--data", corpus_build, "--out", tmp_path),
    )

    report = json.loads((tmp_path / command.REPORT_NAME).read_text(encoding="utf-8"))
    (suite,) = report["suites"]
    assert {name for figure in suite["figures"] for name in figure["baselines"]} == {"lexicon"}
