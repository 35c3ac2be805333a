"""Which texts an epoch shows, and in which batches: planned ahead, from the seed alone.

Left to themselves, English job adverts and benign posts would drown the rest. So each pool of
sources gets a fixed share of an epoch, and within a pool the cells of language x label x source
are evened out by a temper: a cell of n rows is drawn in proportion to n ** (1 - temper).
Every row is drawn its expected number of times, rounded up or down by chance (systematic
resampling), so that no row of a small cell goes unseen while another comes thrice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifier.labels import LABELS
from data.languages import language_of
from data.records import Example
from training.recipe import Sampling

PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Draw:
    """One showing of one row: `row` counts into the training examples."""

    epoch: int
    row: int
    copy: int


def pool_of(example: Example, pools: Sequence[str]) -> str:
    """The source itself where the recipe gives it a share, else `public`."""
    return example.source if example.source in pools else PUBLIC


def draw_epoch(
    examples: Sequence[Example], sampling: Sampling, seed: int, epoch: int
) -> list[Draw]:
    """The rows of one epoch, in order of row; pools without rows leave their share to the rest."""
    rng = np.random.default_rng([seed, epoch])
    expected = _expected_counts(examples, sampling)
    points = np.cumsum(expected) + rng.random()
    times = np.diff(np.floor(points), prepend=np.floor(points[0] - expected[0])).astype(int)
    return [Draw(epoch, row, copy) for row, number in enumerate(times) for copy in range(number)]


def _expected_counts(examples: Sequence[Example], sampling: Sampling) -> npt.NDArray[np.float64]:
    pools = [pool_of(example, tuple(sampling.share)) for example in examples]
    cells = [
        (pool, example.source, language_of(example.language), *map(example.labels.get, LABELS))
        for pool, example in zip(pools, examples, strict=True)
    ]
    sizes = Counter(cells)
    weight = np.array([sizes[cell] ** -sampling.temper for cell in cells])
    of_pool = np.array(pools)
    present = {pool: share for pool, share in sampling.share.items() if (of_pool == pool).any()}
    for pool, share in present.items():
        inside = of_pool == pool
        weight[inside] *= share / sum(present.values()) / weight[inside].sum()
    weight[~np.isin(of_pool, list(present))] = 0
    return weight * sampling.texts_per_epoch


def plan_batches(
    draws: Sequence[Draw],
    lengths: Sequence[int],
    batch: int,
    seed: int,
    groups: Sequence[str] | None = None,
) -> list[list[Draw]]:
    """Batches of texts of like length, in random order.

    `lengths` is the token count of each row. Draws are shuffled, sorted by length within stretches
    of 50 batches (padding costs as much as text), then the batches are shuffled. With `groups`,
    the group of each row, draws of one group count as long as their longest and stay together,
    unless they are more than half a batch or the end of a batch falls among them.
    """
    rng = np.random.default_rng([seed, draws[0].epoch, 1]) if draws else np.random.default_rng(seed)
    if groups is not None:
        return _grouped_batches(draws, lengths, batch, rng, groups)
    shuffled = [draws[index] for index in rng.permutation(len(draws))]
    stretch = 50 * batch
    batches: list[list[Draw]] = []
    for start in range(0, len(shuffled), stretch):
        ordered = sorted(shuffled[start : start + stretch], key=lambda draw: lengths[draw.row])
        batches += [ordered[at : at + batch] for at in range(0, len(ordered), batch)]
    return [batches[index] for index in rng.permutation(len(batches))]


def _grouped_batches(
    draws: Sequence[Draw],
    lengths: Sequence[int],
    batch: int,
    rng: np.random.Generator,
    groups: Sequence[str],
) -> list[list[Draw]]:
    together: dict[str, list[Draw]] = {}
    for draw in draws:
        together.setdefault(groups[draw.row], []).append(draw)
    half = max(1, batch // 2)
    units = [
        members[at : at + half]
        for members in together.values()
        for at in range(0, len(members), half)
    ]
    shuffled = [units[index] for index in rng.permutation(len(units))]
    stretch = 50 * batch
    batches: list[list[Draw]] = []
    waiting: list[list[Draw]] = []
    for unit in [*shuffled, None]:
        if unit is not None:
            waiting.append(unit)
        if unit is None or sum(map(len, waiting)) >= stretch:
            waiting.sort(key=lambda members: max(lengths[draw.row] for draw in members))
            flat = [draw for members in waiting for draw in members]
            batches += [flat[at : at + batch] for at in range(0, len(flat), batch)]
            waiting = []
    return [batches[index] for index in rng.permutation(len(batches))]
