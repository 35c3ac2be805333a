"""infinity-emb's engine without its server. Runs in the environment made for it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import torch
from infinity_emb import AsyncEmbeddingEngine, EngineArgs

from benchmarks.speed.contenders.contender import Judgement, Name, Setting
from benchmarks.speed.contenders.thresholds import judge_answers


class Infinity:
    """The engine sorts and batches by itself; the size of its batches is set where it starts."""

    batches = (8, 16, 32, 64)

    def __init__(self, setting: Setting) -> None:
        torch.set_num_threads(setting.threads)
        self._setting = setting
        self._review = setting.review
        self._loop = asyncio.new_event_loop()
        self._engine: Any = None
        self._batch = 0

    def judge(self, texts: Sequence[str], batch: int) -> list[Judgement]:
        return self._loop.run_until_complete(self._judge(list(texts), batch))

    async def _judge(self, texts: list[str], batch: int) -> list[Judgement]:
        if batch != self._batch:
            await self._restart(batch)
        answers, _ = await self._engine.classify(sentences=texts, raw_scores=False)
        return judge_answers(answers, self._review)

    async def _restart(self, batch: int) -> None:
        if self._engine is not None:
            await self._engine.astop()
        self._batch = batch
        self._engine = AsyncEmbeddingEngine.from_args(
            EngineArgs(
                model_name_or_path=str(self._setting.hub),
                engine="torch",
                device="cpu",
                batch_size=batch,
                model_warmup=False,
                compile=False,
                bettertransformer=False,
                trust_remote_code=True,
                vector_disk_cache_path="",
            )
        )
        await self._engine.astart()


def build(name: Name, setting: Setting) -> Infinity:
    return Infinity(setting)
