"""Scoring for the page, through the same queue as everybody else."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool

from classifier.artifact import Manifest
from classifier.reading import joined
from classifier.records import Post, Score
from classifier.text import normalise_with_offsets
from serving.pages.samples import Sample
from serving.pages.view import Result, build_result
from serving.scoring.engine import Engine
from serving.scoring.service import ScoringService


class PageService:
    """Results for the page. A sample's result is kept: it does not change while the model runs."""

    def __init__(
        self, scoring: ScoringService, engine: Engine, samples: tuple[Sample, ...]
    ) -> None:
        self.samples = samples
        self._scoring = scoring
        self._engine = engine
        self._of_samples: dict[str, Result] = {}

    async def try_post(self, post: Post) -> Result:
        """Raises the post's `InputError`, and what the engine raises."""
        score = await self._scoring.score_one(post, explain=True)
        return await run_in_threadpool(_build, post, score, self._engine.classifier.manifest)

    async def try_sample(self, sample: Sample) -> Result:
        if sample.id not in self._of_samples:
            self._of_samples[sample.id] = await self.try_post(sample.post)
        return self._of_samples[sample.id]


def _build(post: Post, score: Score, manifest: Manifest) -> Result:
    return build_result(post, score, normalise_with_offsets(joined(post)), manifest)
