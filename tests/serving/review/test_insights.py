"""The team's figures against numbers counted by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from scipy.stats import beta

from classifier.labels import Label, Route
from classifier.records import Score
from serving.actors import Actor
from serving.audit.records import Draft, EventKind
from serving.database import Database
from serving.policy import Role
from serving.review.changes import changing, columns_of
from serving.review.insights import InsightsService, Waiting, share_of
from serving.review.intervals import clopper_pearson
from serving.review.models import Item
from serving.review.records import Decided, Judgement, Source
from serving.review.repository_insights import Weighted
from serving.users.models import User
from tests.serving.review.bench import ADA, BOB, CLEARED, KEEP, REMOVE, START, Bench, scored

UNKNOWN = Judgement({}, Decided.NONE, "cannot_tell")


def decide(bench: Bench, actor: Actor, item_id: str, judgement: Judgement) -> None:
    view = bench.queue.claim(actor, item_id)
    bench.queue.decide(actor, item_id, view.version, judgement)


def add_user(bench: Bench, name: str, languages: str | None, role: Role = Role.MODERATOR) -> None:
    with bench.database.write() as session:
        session.add(
            User(id=name, name=name, role=role.value, languages=languages, created_at=START)
        )


def test_the_figures_are_those_counted_by_hand(database: Database) -> None:
    bench = Bench(database, undo_seconds=10)
    insights = InsightsService(database, bench.clock)
    add_user(bench, "ada", "en")
    add_user(bench, "rae", "fr", Role.RESEARCHER)  # reads, but does not review
    first = [bench.admit(language=tag).item_id for tag in ("en", "en", "sq")]
    bench.clock.turn(minutes=10)
    decide(bench, ADA, first[0], REMOVE)
    bench.clock.turn(minutes=20)
    decide(bench, ADA, first[1], KEEP)
    bench.clock.turn(days=1)
    decide(bench, BOB, first[2], UNKNOWN)
    later = [bench.admit(language=tag).item_id for tag in ("en", "fr", "fr")]
    bench.queue.claim(ADA, later[0])
    bench.queue.skip(ADA, later[0])
    held = bench.queue.claim(BOB, later[1])
    bench.queue.escalate(BOB, later[1], held.version)
    bench.clock.turn(seconds=10)
    decide(bench, BOB, bench.admit().item_id, REMOVE)  # not final yet

    team = insights.team(days=7)
    now = bench.clock.now - timedelta(seconds=10)
    assert team.open == Waiting(2, now)
    assert team.escalated == Waiting(1, now)
    assert team.passed_over == Waiting(1, now)
    assert team.unreadable == {"fr": Waiting(1, now)}
    assert team.decided == 3
    assert team.decided_by_day == {date(2026, 9, 1): 2, date(2026, 9, 2): 1}
    assert team.decided_by_language == {"en": 2, "sq": 1}
    assert team.decided_by_action == {"none": 2, "remove": 1}
    smuggling = team.decided_by_label[Label.SMUGGLING_SERVICE]
    assert (smuggling.true, smuggling.false, smuggling.cannot_tell) == (1, 1, 1)
    assert team.median_minutes_to_decision == pytest.approx(30)
    assert (team.flagged, team.overturned) == (3, 1)
    assert team.missed is None
    ada, bob = team.exposure
    assert (ada.name, ada.claimed, ada.decided, ada.harmful) == ("ada", 3, 2, 1)
    assert (bob.name, bob.claimed, bob.decided, bob.harmful) == (None, 3, 1, 0)
    assert insights.exposure(ADA.id, hours=1).claimed == 1
    assert insights.exposure("user:new").claimed == 0


def test_an_undone_decision_is_in_no_figure(database: Database) -> None:
    bench = Bench(database)
    item = bench.admit().item_id
    decide(bench, ADA, item, REMOVE)
    bench.queue.undo(ADA, item)
    bench.clock.turn(minutes=1)
    team = InsightsService(database, bench.clock).team()
    assert (team.decided, team.open.count) == (0, 1)


def test_an_empty_queue_has_figures(database: Database) -> None:
    bench = Bench(database)
    team = InsightsService(database, bench.clock).team()
    assert (team.decided, team.open, team.exposure) == (0, Waiting(0, None), ())
    assert team.median_minutes_to_decision is None


def test_what_somebody_reads_is_readable(database: Database) -> None:
    bench = Bench(database)
    bench.admit(language="fr")
    insights = InsightsService(database, bench.clock)
    assert set(insights.team().unreadable) == {"fr"}
    bench.clock.turn(seconds=5)
    add_user(bench, "reads-all", None)
    assert insights.team().unreadable == {}


@dataclass(frozen=True)
class Alike:
    """Decided items of one score, the first `true` of them with the label."""

    count: int
    true: int
    score: Score
    source: Source = Source.VOLUNTARY


def store_decided(bench: Bench, *groups: Alike, probability: float) -> None:
    """Many decided items at once; those that the model cleared were drawn with `probability`."""
    template = bench.row(bench.admit(scored(0.6)).item_id)
    number = 0
    with bench.database.write() as session:
        for group in groups:
            flagged = group.score.route is not Route.CLEAR
            for place in range(group.count):
                number += 1
                standing = replace(
                    template,
                    post_mark=f"{number:064x}",
                    smuggling_service=group.score.scores[Label.SMUGGLING_SERVICE],
                    source=group.source.value,
                    queued_for="score" if flagged else "sample",
                    sampling_probability=1.0 if flagged else probability,
                    state="decided",
                    decided_by=ADA.id,
                    decided_at=bench.clock.now,
                    final_at=bench.clock.now,
                    action="none",
                    judged_smuggling_service=place < group.true,
                    judged_fake_job=False,
                )
                session.add(Item(id=f"{number:024x}", **columns_of(standing)))


def test_the_miss_rate_is_that_of_the_random_sample_with_its_exact_interval(
    database: Database,
) -> None:
    bench = Bench(database)
    store_decided(
        bench,
        Alike(250, 3, CLEARED),
        Alike(50, 40, scored(0.9)),
        probability=0.002,
    )
    missed = InsightsService(database, bench.clock).team().missed
    assert missed is not None
    assert missed.count == 250
    assert missed.share == pytest.approx(3 / 250)
    assert missed.low == pytest.approx(beta.ppf(0.025, 3, 248), rel=1e-6)
    assert missed.high == pytest.approx(beta.ppf(0.975, 4, 247), rel=1e-6)


def test_precision_weighs_the_sampled_by_how_rarely_they_are_drawn(database: Database) -> None:
    bench = Bench(database)
    insights = InsightsService(database, bench.clock)
    store_decided(
        bench,
        Alike(150, 30, scored(0.05, 0.7)),  # flagged for the other label
        Alike(50, 1, scored(0.05, 0.01)),  # drawn: each stands for ten
        Alike(20, 10, scored(0.05, 0.01), Source.USER_NOTICE),  # drawn and reported
        Alike(200, 190, scored(0.95)),
        Alike(199, 190, scored(0.85)),
        probability=0.1,
    )
    low = insights.precision_at(Label.SMUGGLING_SERVICE, 0.099)
    assert low is not None
    assert low.count == 220
    assert low.share == pytest.approx((30 + 10 * 1 + 10) / (150 + 50 * 10 + 20))
    effective = (150 + 500 + 20) ** 2 / (150 + 50 * 100 + 20)
    assert (low.low, low.high) == pytest.approx(clopper_pearson(low.share * effective, effective))
    high = insights.precision_at(Label.SMUGGLING_SERVICE, 1.0)
    assert high is not None
    assert high.count == 200
    assert high.share == pytest.approx(0.95)
    assert high.low == pytest.approx(beta.ppf(0.025, 190, 11), rel=1e-6)
    assert insights.precision_at(Label.SMUGGLING_SERVICE, 0.85) is None  # 199 decisions
    assert insights.precision_at(Label.SMUGGLING_SERVICE, 0.5) is None


def test_precision_is_a_minute_old_at_most(database: Database) -> None:
    bench = Bench(database)
    insights = InsightsService(database, bench.clock)
    assert insights.precision_at(Label.SMUGGLING_SERVICE, 0.9) is None
    store_decided(bench, Alike(200, 100, scored(0.9)), probability=1)
    assert insights.precision_at(Label.SMUGGLING_SERVICE, 0.9) is None
    bench.clock.turn(minutes=1)
    share = insights.precision_at(Label.SMUGGLING_SERVICE, 0.9)
    assert share is not None
    assert share.share == pytest.approx(0.5)


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (10, 10), (3, 200), (2.5, 77.3)])
def test_intervals_are_those_of_the_beta_distribution(successes: float, trials: float) -> None:
    low, high = clopper_pearson(successes, trials)
    failures = trials - successes
    assert low == pytest.approx(beta.ppf(0.025, successes, failures + 1) if successes else 0)
    assert high == pytest.approx(beta.ppf(0.975, successes + 1, failures) if failures else 1)


def test_no_decision_is_no_share() -> None:
    assert share_of(Weighted(0, 0, 0, 0)) is None


def test_looking_is_no_exposure(database: Database) -> None:
    bench = Bench(database)
    item = bench.admit().item_id
    with changing(database, bench.audit) as changes:
        changes.log(Draft(EventKind.VIEWED, ADA.id, bench.clock.now, item))
    assert InsightsService(database, bench.clock).exposure(ADA.id).claimed == 0
