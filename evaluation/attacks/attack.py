"""What an attack is: a change of the text that a reader still understands."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from data.records import Example

Disguise: TypeAlias = Callable[[str, np.random.Generator], str]


@dataclass(frozen=True, slots=True)
class Attack:
    """A named disguise.

    `apply` returns the text itself where it finds nothing to change. `in_training` says whether
    training disguises texts in a like way, so that what is withstood may have been learnt.
    """

    name: str
    summary: str
    apply: Disguise
    in_training: bool

    def on(self, example: Example, *, seed: int = 0) -> Example:
        """The example with its text disguised: the same for a seed, an attack and an id."""
        generator = generator_for(seed, self.name, example.id)
        return replace(example, text=self.apply(example.text, generator))


def generator_for(seed: int, *names: str) -> np.random.Generator:
    """Random numbers that hang on the seed and the names alone, not on what was drawn before."""
    key = "\x1f".join((str(seed), *names)).encode("utf-8", "surrogatepass")
    return np.random.default_rng(int.from_bytes(hashlib.sha256(key).digest()[:16], "big"))
