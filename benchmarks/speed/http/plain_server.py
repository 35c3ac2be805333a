"""The server a user would write around the pipeline: `python -m ... HUB PORT THREADS`."""

from __future__ import annotations

import sys
from typing import Any

import torch
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from benchmarks.speed.contenders.pipeline import load_pipeline


class One(BaseModel):
    """A text."""

    text: str


class Many(BaseModel):
    """Texts to score together."""

    texts: list[str]


def app(hub: str, batch: int) -> FastAPI:
    """Scores on the event loop, one request after the other: two at once would share the cores."""
    pipeline: Any = load_pipeline(hub, torch.float32)
    api = FastAPI()

    @api.get("/ready")
    async def ready() -> bool:
        return True

    @api.post("/classify")
    async def classify(one: One) -> Any:
        return pipeline(one.text, truncation=True)

    @api.post("/classify/batch")
    async def classify_batch(many: Many) -> Any:
        return pipeline(many.texts, batch_size=batch, truncation=True)

    return api


if __name__ == "__main__":
    _, folder, port, threads, size = sys.argv
    torch.set_num_threads(int(threads))
    with torch.inference_mode():
        uvicorn.run(app(folder, int(size)), port=int(port), log_level="warning")
