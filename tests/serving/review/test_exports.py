from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from classifier.labels import FACETS, Facet, Label
from data.decisions import import_decisions
from data.records import read_examples
from serving.audit.models import Event
from serving.database import Database
from serving.review.erase import ErasureService
from serving.review.exports import DecisionRecord, ExportService
from serving.review.records import Judgement
from tests.serving.review.bench import ADA, BOB, KEEP, LEA, REMOVE, START, Bench, scored

UNSURE = Judgement(
    labels={Label.SMUGGLING_SERVICE: False},
    action=KEEP.action,
    reason="cannot_tell",
    note="Ask Ada Lovelace",
)


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database)


def decide(bench: Bench, item: str, judgement: Judgement = KEEP) -> None:
    held = bench.queue.claim(ADA, item)
    bench.queue.decide(ADA, item, held.version, judgement)


def export(bench: Bench, at_once: int = 200) -> list[DecisionRecord]:
    """What is exported once every decision is final."""
    bench.clock.turn(seconds=bench.settings.undo_seconds)
    service = ExportService(bench.database, bench.audit, bench.clock, at_once=at_once)
    return list(service.decisions(LEA))


def ids(records: list[DecisionRecord]) -> list[str]:
    return [record.item_id for record in records]


def test_a_record_tells_what_was_judged_and_how_it_came_to_that(bench: Bench) -> None:
    item = bench.admit(scored(0.9321, 0.04, language="sq"), text="Boat, call +355 69 123 4567")
    decide(bench, item.item_id, REMOVE)
    (record,) = export(bench)
    with bench.database.read() as session:
        seal = session.scalar(select(Event.mac).where(Event.kind == "decided"))
    assert record.to_dict() == {
        "id": f"{item.item_id}.1",
        "platform": "example",
        "kind": "post",
        "title": None,
        "text": "Boat, call [PHONE]",
        "language": "sq",
        "labels": {"smuggling_service": True, "fake_job": False},
        "facets": {facet.value: True if facet is Facet.TRANSPORT else None for facet in FACETS},
        "action": "remove",
        "reason": "offers_crossing",
        "decided_at": START.isoformat(timespec="milliseconds"),
        "model": "m1",
        "policy": "1",
        "scores": {"smuggling_service": 0.9321, "fake_job": 0.04},
        "queued_for": "score",
        "sampling_probability": 1.0,
        "provenance": {
            "item": item.item_id,
            "text_version": 1,
            "version": 4,
            "source": "voluntary",
            "seal": seal,
            "lurewatch": record.to_dict()["provenance"]["lurewatch"],
        },
    }


def test_contacts_are_masked_and_nobody_who_worked_on_it_is_named(bench: Bench) -> None:
    text = "Write to agent.k@example.com, t.me/boats_2026 or @boats_2026, ☎ 0049 151 2345 6789"
    item = bench.admit(text=text, author="K. Agent").item_id
    decide(bench, item, UNSURE)
    (record,) = export(bench)
    exported = record.to_dict()
    for of_chance in ("item", "seal"):  # hexadecimal, in which "ada" and "2345" do occur
        del exported["provenance"][of_chance]
    line = json.dumps(exported)
    for secret in ("agent", "boats_2026", "2345", "ada", "Lovelace", "Agent", "post-1"):
        assert secret not in line, secret


def test_what_could_not_be_told_is_null(bench: Bench) -> None:
    decide(bench, bench.admit().item_id, UNSURE)
    (record,) = export(bench)
    assert record.to_dict()["labels"] == {"smuggling_service": False, "fake_job": None}
    assert set(record.to_dict()["facets"].values()) == {None}


def test_only_final_decisions_are_exported(bench: Bench) -> None:
    undone, _open, decided = (bench.admit().item_id for _ in range(3))
    decide(bench, undone)
    bench.queue.undo(ADA, undone)
    decide(bench, decided)
    service = ExportService(bench.database, bench.audit, bench.clock)
    assert list(service.decisions(LEA)) == []
    assert ids(export(bench)) == [decided]


def test_a_decision_taken_again_after_an_undo_counts_once_and_as_it_was_taken_last(
    bench: Bench,
) -> None:
    item = bench.admit().item_id
    decide(bench, item, REMOVE)
    bench.queue.undo(ADA, item)
    decide(bench, item, KEEP)
    (record,) = export(bench)
    assert record.action == "none"


def test_an_erased_text_is_left_out(bench: Bench) -> None:
    erased, kept = bench.admit().item_id, bench.admit().item_id
    for item in (erased, kept):
        decide(bench, item)
    erasures = ErasureService(
        bench.database, bench.audit, bench.keyring, bench.settings, bench.clock
    )
    erasures.erase(LEA, erased)
    assert ids(export(bench)) == [kept]


def test_each_text_of_a_post_keeps_the_decision_and_the_score_it_had(bench: Bench) -> None:
    bench.admit(scored(0.7), post_id="post", text="Boat on Saturday")
    item = bench.admit(scored(0.7), post_id="post").item_id
    decide(bench, item, REMOVE)
    bench.admit(scored(0.6, language="fr", model="m2"), post_id="post", text="Bateau samedi")
    decide(bench, item, KEEP)
    first, second = export(bench)
    assert (first.text_version, second.text_version) == (2, 3)
    assert (first.action, first.model, first.language) == ("remove", "m1", "en")
    assert (second.action, second.model, second.language) == ("none", "m2", "fr")
    assert second.scores[Label.SMUGGLING_SERVICE] == 0.6


def test_records_come_in_one_order_however_many_are_read_at_once(bench: Bench) -> None:
    items = [bench.admit().item_id for _ in range(7)]
    for number, item in enumerate(items):
        decide(bench, item)
        bench.clock.turn(seconds=number % 2)  # two at a time in the same moment
    assert ids(export(bench)) == items
    for at_once in (1, 2, 3, 7):
        assert ids(export(bench, at_once)) == items


def test_an_export_can_begin_at_a_moment_and_is_logged(bench: Bench) -> None:
    decide(bench, bench.admit().item_id)
    bench.clock.turn(days=1)
    later = bench.admit().item_id
    decide(bench, later)
    since = bench.clock.now - timedelta(hours=1)
    bench.clock.turn(days=1)
    service = ExportService(bench.database, bench.audit, bench.clock)
    assert ids(list(service.decisions(BOB, since))) == [later]
    with bench.database.read() as session:
        (logged,) = session.scalars(select(Event).where(Event.kind == "exported"))
        assert (logged.actor, json.loads(logged.body)["since"]) == (BOB.id, since.isoformat())


def test_nothing_is_lost_between_an_export_and_the_next_from_its_moment_on(bench: Bench) -> None:
    """What is taken before an export and final after it comes in the next one."""
    service = ExportService(bench.database, bench.audit, bench.clock)
    items, exported, since = [], [], None
    for _ in range(6):
        items.append(bench.admit().item_id)
        decide(bench, items[-1])
        bench.clock.turn(seconds=4)
        began = bench.clock.now
        exported += ids(list(service.decisions(LEA, since)))
        since = began
    bench.clock.turn(seconds=bench.settings.undo_seconds)
    exported += ids(list(service.decisions(LEA, since)))
    assert exported == items


def test_hostile_text_arrives_as_one_line_of_json(bench: Bench) -> None:
    texts = [
        "=cmd|'/c calc'!A1",
        "</script><script>alert(1)</script>",
        "a\u202eb\u2028c\u200b\r\nd",
    ]
    for text in texts:
        decide(bench, bench.admit(text=text).item_id)
    for record in export(bench):
        line = record.to_json()
        assert line.splitlines() == [line.rstrip("\n")]
        assert json.loads(line) == record.to_dict()


def test_a_text_of_which_nothing_is_left_is_no_record(bench: Bench) -> None:
    decide(bench, bench.admit(text="\u200b\u200d").item_id)
    assert export(bench) == []


def test_exported_decisions_can_be_trained_on(bench: Bench, tmp_path: Path) -> None:
    removed = bench.admit(text="Boat on Saturday").item_id
    decide(bench, removed, REMOVE)
    decide(bench, bench.admit(text="Boat trip").item_id, replace(UNSURE, facets=None))
    exported = tmp_path / "export.jsonl"
    exported.write_text("".join(record.to_json() for record in export(bench)), encoding="utf-8")
    imported = import_decisions(exported, tmp_path / "decisions.jsonl")
    examples = read_examples(tmp_path / "decisions.jsonl")
    assert examples == [decision.example for decision in imported]
    assert examples[0].id == f"decisions:{removed}.1"
    assert examples[1].labels == {Label.SMUGGLING_SERVICE: False, Label.FAKE_JOB: None}
