"""The sample posts of the demo, handed in as a platform would."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool

from classifier.classifier import Classifier
from serving.actors import Actor
from serving.assembly import build_services
from serving.clock import utc_now
from serving.pages.samples import Sample
from serving.review.records import PostKind, Submission
from serving.services import Services
from serving.settings import Settings


def hand_in(
    settings: Settings, classifier: Classifier, actor: Actor, samples: Sequence[Sample]
) -> int:
    """Put `samples` into the queue as posts of the platform `actor`; returns how many wait.

    What waits from an earlier demo waits on. Where all of it was decided, the samples come anew.
    """
    return asyncio.run(_hand_in(settings, classifier, actor, samples))


async def _hand_in(
    settings: Settings, classifier: Classifier, actor: Actor, samples: Sequence[Sample]
) -> int:
    services = build_services(settings, classifier)
    services.engine.start()
    try:
        await services.engine.started()
        for suffix in ("", f"-{utc_now():%Y%m%dT%H%M%S}"):
            posts = [_submission(sample, suffix, actor.platform or "") for sample in samples]
            await services.intake.submit_many(actor, posts)
            if waiting := await run_in_threadpool(_waiting, services, actor):
                return waiting
        return 0
    finally:
        await services.engine.stop()
        services.database.dispose()


def _submission(sample: Sample, suffix: str, platform: str) -> Submission:
    return Submission(
        platform=platform,
        post_id=f"{sample.id}{suffix}",
        text=sample.post.text,
        title=sample.post.title,
        kind=PostKind.JOB_ADVERT if sample.post.title else PostKind.POST,
        language=sample.language,
    )


def _waiting(services: Services, actor: Actor) -> int:
    counts = services.queue.counts(actor)
    return counts.open + counts.escalated
