from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from serving.errors import LinkSpentError, UnfitPasswordError, WrongPasswordError
from serving.policy import Role
from serving.users import repository
from tests.serving.users.conftest import ADDRESS, PASSWORD, Clock, Office

pytestmark = pytest.mark.anyio


async def test_a_password_opens_a_session_of_its_holder(office: Office) -> None:
    await office.join("anna")
    browser = office.sessions.find(await office.sessions.sign_in("anna", PASSWORD, ADDRESS))
    assert browser is not None
    assert browser.user.name == "anna"


async def test_a_name_is_the_same_however_it_is_typed(office: Office) -> None:
    await office.join("Ânna")
    for typed in ("ânna", "ÂNNA ", "a\u0302nna"):
        assert await office.sessions.sign_in(typed, PASSWORD, ADDRESS)


async def test_a_password_is_the_same_on_every_keyboard(office: Office) -> None:
    link = office.users.create("anna", Role.MODERATOR)
    await office.sessions.use_link(link, "caf\u00e9 au lait \u2460")
    assert await office.sessions.sign_in("anna", "cafe\u0301 au lait 1", ADDRESS)


async def test_a_session_ends_after_twelve_hours_without_use(office: Office, clock: Clock) -> None:
    await office.join("anna")
    token = await office.sessions.sign_in("anna", PASSWORD, ADDRESS)
    for _ in range(3):
        clock.advance(hours=11, minutes=59)
        assert office.sessions.find(token)
    clock.advance(hours=12)
    assert office.sessions.find(token) is None


async def test_what_a_page_sends_by_itself_does_not_keep_a_session_alive(
    office: Office, clock: Clock
) -> None:
    await office.join("anna")
    token = await office.sessions.sign_in("anna", PASSWORD, ADDRESS)
    for _ in range(12):
        assert office.sessions.find(token, in_use=False)
        clock.advance(hours=1)
    assert office.sessions.find(token) is None


async def test_a_session_ends_after_seven_days_whatever_happens(
    office: Office, clock: Clock
) -> None:
    await office.join("anna")
    token = await office.sessions.sign_in("anna", PASSWORD, ADDRESS)
    for _ in range(7 * 24 - 1):
        clock.advance(hours=1)
        assert office.sessions.find(token)
    clock.advance(hours=1)
    assert office.sessions.find(token) is None


async def test_signing_out_ends_that_session_alone(office: Office) -> None:
    await office.join("anna")
    first, second = [await office.sessions.sign_in("anna", PASSWORD, ADDRESS) for _ in range(2)]
    browser = office.sessions.find(first)
    assert browser is not None
    office.sessions.sign_out(browser)
    assert office.sessions.find(first) is None
    assert office.sessions.find(second)


async def test_disabling_someone_ends_all_they_have_at_once(office: Office) -> None:
    await office.join("anna")
    token = await office.sessions.sign_in("anna", PASSWORD, ADDRESS)
    link = office.users.new_link("anna")
    office.users.disable("anna")
    assert office.sessions.find(token) is None
    with pytest.raises(WrongPasswordError):
        await office.sessions.sign_in("anna", PASSWORD, ADDRESS)
    with pytest.raises(LinkSpentError):
        await office.sessions.use_link(link, PASSWORD)


async def test_a_new_password_ends_the_other_sessions(office: Office) -> None:
    await office.join("anna")
    here, there = [await office.sessions.sign_in("anna", PASSWORD, ADDRESS) for _ in range(2)]
    browser = office.sessions.find(here)
    assert browser is not None
    with pytest.raises(WrongPasswordError):
        await office.sessions.change_password(browser, "not the password", "x" * 12, ADDRESS)
    assert office.sessions.find(there)
    await office.sessions.change_password(browser, PASSWORD, "another four words", ADDRESS)
    assert office.sessions.find(here)
    assert office.sessions.find(there) is None
    with pytest.raises(WrongPasswordError):
        await office.sessions.sign_in("anna", PASSWORD, ADDRESS)
    assert await office.sessions.sign_in("anna", "another four words", ADDRESS)


@pytest.mark.parametrize("password", ["", "x" * 11, "x" * 1001, "\u0065\u0301" * 11])
async def test_a_password_has_12_to_1000_characters(office: Office, password: str) -> None:
    link = office.users.create("anna", Role.MODERATOR)
    with pytest.raises(UnfitPasswordError):
        await office.sessions.use_link(link, password)
    assert office.sessions.link_holder(link).name == "anna"
    await office.sessions.use_link(link, "y" * 1000)
    assert await office.sessions.sign_in("anna", "y" * 1000, ADDRESS)
    with pytest.raises(WrongPasswordError):
        await office.sessions.sign_in("anna", "y" * 1001, ADDRESS)


@pytest.mark.parametrize("typed", ["\x00", "\ud800", "a\x00\udfffb", "é" * 50_000])
async def test_what_is_no_text_is_a_wrong_name_or_password(office: Office, typed: str) -> None:
    await office.join("anna")
    for name, password in ((typed, PASSWORD), ("anna", typed)):
        with pytest.raises(WrongPasswordError):
            await office.sessions.sign_in(name, password, ADDRESS)
    assert office.sessions.find(typed) is None
    with pytest.raises(LinkSpentError):
        office.sessions.link_holder(typed)


async def test_a_link_works_once_and_for_a_day(office: Office, clock: Clock) -> None:
    link = office.users.create("anna", Role.MODERATOR)
    clock.advance(hours=23, minutes=59)
    await office.sessions.use_link(link, PASSWORD)
    with pytest.raises(LinkSpentError):
        await office.sessions.use_link(link, "somebody else's password")
    late = office.users.create("berta", Role.MODERATOR)
    clock.advance(hours=24)
    with pytest.raises(LinkSpentError):
        await office.sessions.use_link(late, PASSWORD)


async def test_using_a_link_and_disabling_its_holder_do_not_wait_for_each_other(
    office: Office,
) -> None:
    link = office.users.create("anna", Role.MODERATOR)
    with office.database.write() as session:
        anna = repository.by_name(session, "anna", lock=True)
        assert anna is not None
        using = asyncio.create_task(office.sessions.use_link(link, PASSWORD))
        await asyncio.sleep(0.5)  # it comes as far as it can
        repository.drop_links(session, anna.id)
    with pytest.raises(LinkSpentError):
        await using


async def test_everybody_can_be_signed_out_at_once(office: Office) -> None:
    anna, berta = await office.join("anna"), await office.join("berta")
    tokens = [await office.sessions.sign_in(name, PASSWORD, ADDRESS) for name in ("anna", "berta")]
    link = office.users.new_link("anna")
    assert office.users.end_sessions() == 4
    assert [office.sessions.find(token) for token in tokens] == [None, None]
    with pytest.raises(LinkSpentError):
        office.sessions.link_holder(link)
    last = office.events()[-1]
    assert (last.kind, last.actor) == ("sessions_ended", "operator")
    assert last.body == '{"links":1,"sessions":4}'
    assert await office.sessions.sign_in(anna.user.name, PASSWORD, ADDRESS)
    assert await office.sessions.sign_in(berta.user.name, PASSWORD, ADDRESS)


async def test_of_many_who_use_a_link_at_once_one_succeeds(office: Office) -> None:
    link = office.users.create("anna", Role.MODERATOR)
    passwords = [f"password number {number}" for number in range(8)]
    outcomes = await asyncio.gather(
        *(office.sessions.use_link(link, password) for password in passwords),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, str) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, LinkSpentError) for outcome in outcomes) == 7


async def test_a_new_link_kills_the_earlier_ones_and_its_use_the_sessions(
    office: Office,
) -> None:
    await office.join("anna")
    token = await office.sessions.sign_in("anna", PASSWORD, ADDRESS)
    first, second = office.users.new_link("anna"), office.users.new_link("anna")
    with pytest.raises(LinkSpentError):
        office.sessions.link_holder(first)
    assert office.sessions.find(token)
    await office.sessions.use_link(second, "another four words")
    assert office.sessions.find(token) is None


async def test_nobody_has_a_password_before_they_set_one(office: Office) -> None:
    office.users.create("anna", Role.MODERATOR)
    for guess in ("", "anna", "password", "None"):
        with pytest.raises(WrongPasswordError):
            await office.sessions.sign_in("anna", guess, ADDRESS)


async def test_the_database_holds_no_token_and_no_password(office: Office) -> None:
    link = office.users.create("anna", Role.MODERATOR)
    token = await office.sessions.use_link(link, PASSWORD)
    with office.database.read() as session:
        stored = "".join(
            str(session.execute(text(f"SELECT * FROM {table}")).all())
            for table in ("users", "sessions", "sign_in_links", "events")
        )
    for secret in (link, token, PASSWORD):
        assert secret not in stored
    assert "$argon2id$" in stored


async def test_expired_sessions_are_cleared_away(office: Office, clock: Clock) -> None:
    await office.join("anna")
    clock.advance(days=8)
    await office.sessions.sign_in("anna", PASSWORD, ADDRESS)
    with office.database.read() as session:
        assert session.execute(text("SELECT count(*) FROM sessions")).scalar_one() == 1


async def test_the_audit_log_knows_who_signed_in_and_no_name_that_failed(
    office: Office,
) -> None:
    browser = await office.join("anna")
    await office.sessions.sign_in("anna", PASSWORD, ADDRESS)
    office.sessions.sign_out(browser)
    for name in ("anna", "hunter2"):
        with pytest.raises(WrongPasswordError):
            await office.sessions.sign_in(name, "hunter2", ADDRESS)
    office.users.disable("anna")
    events = office.events()
    person = f"user:{browser.user.id}"
    assert [(event.kind, event.actor) for event in events] == [
        ("user_created", "operator"),
        ("link_made", "operator"),
        ("password_set", person),
        ("signed_in", person),
        ("signed_in", person),
        ("signed_out", person),
        ("sign_in_failed", "system"),
        ("sign_in_failed", "system"),
        ("user_disabled", "operator"),
    ]
    everything = "".join(event.body for event in events)
    assert "hunter2" not in everything
    assert "anna" not in everything
    assert ADDRESS not in everything


async def test_a_form_token_belongs_to_one_session(office: Office) -> None:
    anna, berta = await office.join("anna"), await office.join("berta")
    token = office.sessions.csrf_token(anna)
    assert office.sessions.csrf_matches(anna, token)
    assert not office.sessions.csrf_matches(berta, token)
    for forged in ("", token[:-1], token.upper(), anna.session, "é\ud800"):
        assert not office.sessions.csrf_matches(anna, forged)
