"""What trials and judgements come to, as figures, table and chart."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.speed.chart import chart
from benchmarks.speed.contenders.contender import DEEP_REFERENCE, REFERENCE, Judgement, Name
from benchmarks.speed.kept import kept
from benchmarks.speed.report import HEADER, Report, conditions, summaries
from benchmarks.speed.results import Spread, Trial, summarise
from benchmarks.speed.rounds import Record, rotated
from benchmarks.speed.streams import Kind, Stream, distinct_items
from tests.benchmarks.examples import examples

ITEMS = tuple(distinct_items(examples(2, 2, 0), lambda text: text))  # hard ones first, by id
FOUND, CLEAR = Judgement((True, False)), Judgement((False, False))
SCREENED = Judgement((False, False), passed=True)


def trial(name: str, number: int, seconds: float, cpu: float = 1.0) -> Trial:
    return Trial(name, "corpus", number, 100, seconds, cpu, 300.0 + number)


def record() -> Record:
    found = Record()
    for number, seconds in enumerate((10.0, 20.0, 10.0)):
        found.trials += [
            trial(REFERENCE, number, seconds),
            trial(Name.ENCODER, number, 2.0),
            trial(Name.CASCADE, number, 0.5),
        ]
    found.judged[REFERENCE, "corpus"] = [FOUND, CLEAR, FOUND, CLEAR]
    found.judged[Name.ENCODER, "corpus"] = [FOUND, CLEAR, FOUND, FOUND]
    found.judged[Name.CASCADE, "corpus"] = [CLEAR, SCREENED, FOUND, SCREENED]
    return found


def report() -> Report:
    streams = [Stream("corpus", ITEMS)]
    told = summaries(record(), {"corpus": ITEMS}, streams, {Name.PIPELINE: 8})
    given = conditions("m", 2, ("latin",))
    return Report(given, [], told, [], {Name.INFINITY.value: "no network"})


def test_the_items_are_two_hard_negatives_and_two_positives() -> None:
    assert [item.kind for item in ITEMS] == [Kind.HARD, Kind.HARD, Kind.POSITIVE, Kind.POSITIVE]


def test_ratios_are_taken_within_rounds() -> None:
    reference = [trial(REFERENCE, 0, 10.0), trial(REFERENCE, 1, 20.0), trial(REFERENCE, 2, 40.0)]
    own = [trial("x", 0, 1.0), trial("x", 1, 4.0), trial("x", 2, 10.0)]
    summary = summarise(own, reference)
    assert summary.ratio == Spread(5.0, 4.0, 10.0)
    assert summary.rate == Spread(25.0, 10.0, 100.0)
    assert summary.ratio_to_deep is None


def test_the_deep_reference_has_ratios_of_its_own() -> None:
    deep = [trial(DEEP_REFERENCE, number, 40.0) for number in range(2)]
    own = [trial("x", 0, 1.0), trial("x", 1, 4.0)]
    summary = summarise(own, [trial(REFERENCE, 0, 10.0)], deep)
    assert summary.ratio_to_deep == Spread(25.0, 10.0, 40.0)
    assert summary.ratio == Spread(10.0, 10.0, 10.0)


def test_cpu_is_by_a_thousand_texts_and_memory_the_most_of_all_rounds() -> None:
    summary = summarise([trial("x", 0, 1.0, cpu=0.25), trial("x", 1, 1.0, cpu=0.5)], [])
    assert summary.cpu_per_1000 == Spread(3.75, 2.5, 5.0)
    assert summary.peak_mib == 301.0
    assert summary.ratio is None


def test_recall_is_told_of_labels_and_of_what_the_encoder_finds() -> None:
    told = kept(ITEMS, [CLEAR, SCREENED, FOUND, SCREENED], [FOUND, CLEAR, FOUND, FOUND])
    assert (told.of_labels.found, told.of_labels.of) == (1, 2)
    assert told.of_encoder is not None
    assert (told.of_encoder.found, told.of_encoder.of) == (1, 3)
    assert told.of_encoder_true is not None
    assert (told.of_encoder_true.found, told.of_encoder_true.of) == (1, 2)
    assert (told.passed.found, told.flagged.found) == (2, 1)
    assert [(loss.script, loss.lost, loss.of) for loss in told.losses] == [("latin", 2, 3)]
    assert told.of_encoder.low is not None
    assert 0 < told.of_encoder.low < 1 / 3


def test_nothing_to_find_leaves_the_share_open() -> None:
    told = kept(ITEMS[:2], [CLEAR, CLEAR])
    assert told.of_labels.value is None
    assert told.of_encoder is None


def test_a_contender_that_failed_on_the_way_is_in_no_figure() -> None:
    found = record()
    found.forget(Name.CASCADE, "out of memory")
    told = summaries(found, {"corpus": ITEMS}, [Stream("corpus", ITEMS)], {})
    assert [summary.contender for summary in told] == [REFERENCE, Name.ENCODER]
    assert found.absent == {Name.CASCADE: "out of memory"}


def test_each_contender_is_first_in_turn() -> None:
    assert [rotated("abc", by) for by in range(4)] == [
        ["a", "b", "c"],
        ["b", "c", "a"],
        ["c", "a", "b"],
        ["a", "b", "c"],
    ]


def test_the_table_tells_all_and_says_who_is_missing() -> None:
    lines = list(report().lines())
    assert lines[1].split()[0] == HEADER[0]
    cascade = next(line for line in lines if line.startswith(Name.CASCADE))
    assert "20.00 [20.00, 40.00]" in cascade
    assert "1 of 3" in cascade
    assert f"{Name.CASCADE} lost most in script latin: 2 of 3" in "\n".join(lines)
    assert lines[-1] == "left out: infinity-emb: no network"


def test_the_file_holds_the_figures(tmp_path: Path) -> None:
    report().write(tmp_path / "speed.json")
    written = json.loads((tmp_path / "speed.json").read_text(encoding="utf-8"))
    by_name = {summary["contender"]: summary for summary in written["summaries"]}
    assert by_name[Name.ENCODER]["ratio"] == {"median": 5.0, "low": 5.0, "high": 10.0}
    assert by_name[REFERENCE]["batch"] == 8
    assert written["conditions"]["evidenced_scripts"] == ["latin"]


def test_the_chart_is_an_image_with_a_bar_for_each_contender() -> None:
    drawn = ElementTree.fromstring(chart(report().summaries))
    space = {"svg": "http://www.w3.org/2000/svg"}
    bars = drawn.findall("svg:rect", space)
    titles = [bar.findtext("svg:title", "", space) for bar in bars]
    assert [title.split(":")[0] for title in titles] == [REFERENCE, Name.ENCODER, Name.CASCADE]
    widths = [float(bar.get("width", "")) for bar in bars]
    assert widths == sorted(widths)


def test_a_chart_without_ratios_is_still_an_image() -> None:
    assert ElementTree.fromstring(chart([])).tag.endswith("svg")
