from __future__ import annotations

import asyncio
from typing import Literal

import pytest
from argon2 import PasswordHasher, Type, extract_parameters

from serving.errors import QueueFullError
from serving.users.passwords import Passwords
from tests.serving.users.conftest import PASSWORD, cheap_passwords

pytestmark = pytest.mark.anyio


class Meter(PasswordHasher):
    """A real hasher that knows how many of its hashes were computed side by side."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=1024, parallelism=1)
        self.running = self.most = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            return super().verify(hash, password)
        finally:
            self.running -= 1


async def test_the_hash_is_argon2id_of_64_mib_and_salted() -> None:
    passwords = Passwords()
    first, second = await passwords.hash(PASSWORD), await passwords.hash(PASSWORD)
    parameters = extract_parameters(first)
    assert parameters.type is Type.ID
    assert parameters.memory_cost == 64 * 1024
    assert first != second
    assert await passwords.verify(PASSWORD, first)
    assert not await passwords.verify(PASSWORD + " ", first)


async def test_nobody_s_hash_costs_what_a_real_one_does_and_matches_nothing() -> None:
    passwords = cheap_passwords()
    real = await passwords.hash(PASSWORD)
    assert extract_parameters(passwords.of_nobody) == extract_parameters(real)
    assert not await passwords.verify(PASSWORD, None)
    assert not await passwords.verify("", None)


async def test_few_hashes_are_computed_at_once_and_few_wait() -> None:
    meter = Meter()
    passwords = Passwords(meter)
    outcomes = await asyncio.gather(
        *(passwords.verify("wrong", None) for _ in range(300)), return_exceptions=True
    )
    assert meter.most <= 2
    assert set(map(type, outcomes)) == {bool, QueueFullError}
    assert not await passwords.verify("wrong", None)


async def test_a_hash_with_other_parameters_is_outdated() -> None:
    strong, cheap = Passwords(), cheap_passwords()
    assert strong.is_outdated(await cheap.hash(PASSWORD))
    assert not cheap.is_outdated(await cheap.hash(PASSWORD))
