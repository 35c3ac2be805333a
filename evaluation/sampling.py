"""Samples of rows that hang on their ids alone, so that a new row displaces one at most."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from data.records import Example


def sampled(examples: Sequence[Example], limit: int, purpose: str) -> list[Example]:
    """At most `limit` of the examples, in their order; each purpose draws others."""

    def place(example: Example) -> bytes:
        return hashlib.sha256(f"{purpose} {example.id}".encode("utf-8", "surrogatepass")).digest()

    chosen = {example.id for example in sorted(examples, key=place)[:limit]}
    return [example for example in examples if example.id in chosen]
