from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable

import pytest
from sqlalchemy import text

from classifier.errors import LurewatchError
from serving.errors import RateLimitedError, WrongPasswordError
from serving.users.guessing import LONGEST_WAIT, Backoff
from tests.serving.users.conftest import ADDRESS, PASSWORD, Clock, Office, open_office

pytestmark = pytest.mark.anyio


async def outcome(office: Office, name: str, address: str = ADDRESS) -> type[LurewatchError]:
    with pytest.raises((WrongPasswordError, RateLimitedError)) as error:
        await office.sessions.sign_in(name, "wrong", address)
    return type(error.value)


async def outcomes(
    office: Office, guesses: Iterable[tuple[str, str]]
) -> Counter[type[LurewatchError]]:
    return Counter([await outcome(office, name, address) for name, address in guesses])


@pytest.mark.slow
async def test_of_a_thousand_wrong_passwords_hardly_any_is_looked_at(office: Office) -> None:
    await office.join("anna")
    guesses = (("anna", f"192.0.{number % 250}.{number % 200}") for number in range(1000))
    looked_at = (await outcomes(office, guesses))[WrongPasswordError]
    assert looked_at == Backoff.FREE_BY_NAME


async def test_a_patient_guesser_has_about_a_hundred_guesses_a_day(
    office: Office, clock: Clock
) -> None:
    await office.join("anna")
    started, looked_at = clock.now, 0
    while (clock.now - started).days < 1:
        with pytest.raises((WrongPasswordError, RateLimitedError)) as refused:
            await office.sessions.sign_in("anna", "wrong", ADDRESS)
        looked_at += isinstance(refused.value, WrongPasswordError)
        clock.advance(seconds=refused.value.retry_after or 0)
    assert Backoff.FREE_BY_NAME < looked_at < 110


async def test_the_wait_doubles_up_to_a_quarter_of_an_hour(office: Office, clock: Clock) -> None:
    waits = []
    for _ in range(Backoff.FREE_BY_NAME - 1):
        await outcome(office, "anna")
    for _ in range(13):
        assert await outcome(office, "anna") is WrongPasswordError
        with pytest.raises(RateLimitedError) as refused:
            await office.sessions.sign_in("anna", "wrong", ADDRESS)
        assert refused.value.retry_after is not None
        waits.append(refused.value.retry_after)
        clock.advance(seconds=refused.value.retry_after)
    assert waits[:10] == [2**power for power in range(10)]
    assert waits[10:] == [LONGEST_WAIT.total_seconds()] * 3


async def test_the_right_password_waits_too_and_then_starts_afresh(
    office: Office, clock: Clock
) -> None:
    await office.join("anna")
    for _ in range(Backoff.FREE_BY_NAME + 2):
        await outcome(office, "anna")
        clock.advance(seconds=1)
    await outcome(office, "anna")
    with pytest.raises(RateLimitedError):
        await office.sessions.sign_in("anna", PASSWORD, ADDRESS)
    clock.advance(minutes=15)
    assert await office.sessions.sign_in("anna", PASSWORD, ADDRESS)
    found = await outcomes(office, [("anna", ADDRESS)] * Backoff.FREE_BY_NAME)
    assert found == {WrongPasswordError: Backoff.FREE_BY_NAME}


async def test_trying_during_a_wait_does_not_lengthen_it(office: Office, clock: Clock) -> None:
    await outcomes(office, [("anna", ADDRESS)] * 50)
    clock.advance(seconds=1)
    assert await outcome(office, "anna") is WrongPasswordError


async def test_a_day_without_a_failure_forgets_them(office: Office, clock: Clock) -> None:
    await outcomes(office, [("anna", ADDRESS)] * Backoff.FREE_BY_NAME)
    clock.advance(days=1)
    found = await outcomes(office, [("anna", ADDRESS)] * 100)
    assert found[WrongPasswordError] == Backoff.FREE_BY_NAME


async def test_unknown_disabled_and_known_names_are_refused_alike(office: Office) -> None:
    await office.join("anna")
    await office.join("berta")
    office.users.disable("berta")
    seen = []
    for name in ("anna", "berta", "nobody"):
        said = set()
        for number in range(2 * Backoff.FREE_BY_NAME):
            with pytest.raises(LurewatchError) as error:
                await office.sessions.sign_in(name, "wrong", f"198.51.100.{number}")
            said.add((type(error.value), error.value.detail))
        seen.append(said)
    assert seen[0] == seen[1] == seen[2]


async def test_an_address_cannot_go_through_names(office: Office) -> None:
    names = [(f"person{number}", ADDRESS) for number in range(100)]
    found = await outcomes(office, names)
    assert found[WrongPasswordError] == Backoff.FREE_BY_ADDRESS
    assert await outcome(office, "anna", "203.0.113.7") is WrongPasswordError


async def test_an_ipv6_network_counts_as_one_address(office: Office) -> None:
    guesses = [(f"person{number}", f"2001:db8::{number:x}") for number in range(100)]
    assert (await outcomes(office, guesses))[WrongPasswordError] == Backoff.FREE_BY_ADDRESS


async def test_guesses_sent_at_once_to_two_servers_are_counted_together(
    office: Office, clock: Clock
) -> None:
    other = open_office(office.database, clock)
    found = await asyncio.gather(
        *(outcome((office, other)[number % 2], "anna") for number in range(40))
    )
    assert Counter(found)[WrongPasswordError] == Backoff.FREE_BY_NAME


async def test_those_who_sign_in_do_not_use_up_their_office_s_address(office: Office) -> None:
    await office.join("anna")
    for _ in range(2 * Backoff.FREE_BY_ADDRESS):
        assert await office.sessions.sign_in("anna", PASSWORD, ADDRESS)


async def test_a_link_opens_what_guessing_has_shut(office: Office) -> None:
    await office.join("anna")
    await outcomes(office, [("anna", "198.51.100.1")] * 100)
    await office.sessions.use_link(office.users.new_link("anna"), "another four words")
    assert await office.sessions.sign_in("anna", "another four words", ADDRESS)


async def test_the_table_holds_neither_names_nor_addresses(office: Office) -> None:
    await outcome(office, "anna")
    with office.database.read() as session:
        stored = str(session.execute(text("SELECT * FROM guessing")).all())
    assert "anna" not in stored
    assert ADDRESS not in stored
