"""Killing servers at random moments, and what that cost their clients."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.queue.installation import Slot
from benchmarks.queue.wire import Life, Wire

_SECONDS_BETWEEN_KILLS = (0.3, 2.0)


@dataclass(frozen=True, slots=True)
class Kill:
    """One server's end: the requests it had not answered, and those it never did answer."""

    slot: int
    in_flight: int
    lost: int


async def kill_often(
    slots: tuple[Slot, ...],
    wire: Wire,
    kills: int,
    rng: random.Random,
    progress: Callable[[str], None],
) -> list[Kill]:
    """Kill a server and start the next one in its place, `kills` times, one after the other."""
    done = list[tuple[int, Life, int]]()
    for number in range(kills):
        await asyncio.sleep(rng.uniform(*_SECONDS_BETWEEN_KILLS))
        place = rng.randrange(len(slots))
        life = (place, slots[place].lives)
        done.append((place, life, wire.in_flight(life)))
        await asyncio.to_thread(slots[place].kill)
        await asyncio.to_thread(slots[place].start)
        progress(f"{number + 1} of {kills} servers killed, {wire.traffic.lost[life]} answers lost")
    return [Kill(place, in_flight, wire.traffic.lost[life]) for place, life, in_flight in done]
