"""What the demo puts into the queue."""

from __future__ import annotations

import pytest

from classifier.classifier import Classifier
from serving.actors import Actor
from serving.assembly import build_services
from serving.commands.demo_posts import hand_in
from serving.pages.samples import load_samples
from serving.policy import Role
from serving.review.records import Decided, Judgement
from serving.settings import Settings

PLATFORM = Actor("key:demo", Role.PLATFORM, "demo")
LEAD = Actor("user:lead", Role.LEAD)


def decide_all(settings: Settings) -> int:
    services = build_services(settings)
    decided = 0
    while (item := services.queue.claim_next(LEAD)) is not None:
        judgement = Judgement(labels={}, action=Decided.NONE, reason="cannot_tell")
        services.queue.decide(LEAD, item.id, item.version, judgement)
        decided += 1
    services.database.dispose()
    return decided


def test_each_demo_opens_into_a_queue_with_samples_that_wait(
    settings: Settings, classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUREWATCH_SECRET", "a secret of more than thirty-two characters")
    samples = load_samples()[:12]
    certain = settings.model_copy(update={"sample_share": 1})
    assert hand_in(certain, classifier, PLATFORM, samples) == len(samples)
    assert hand_in(certain, classifier, PLATFORM, samples) == len(samples)
    assert decide_all(certain) == len(samples)
    assert hand_in(certain, classifier, PLATFORM, samples) == len(samples)
