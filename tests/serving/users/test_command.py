"""`lurewatch users`."""

from __future__ import annotations

import argparse
import asyncio

import pytest

from classifier.errors import LurewatchError
from serving.commands import demo, users
from serving.commands.installation import open_installation
from serving.policy import Role
from serving.settings import Settings
from serving.users.records import UserRecord
from serving.users.service import UserService
from serving.users.sessions import SessionService
from tests.serving.users.conftest import PASSWORD, cheap_passwords


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, sqlite_url: str) -> None:
    monkeypatch.setenv("LUREWATCH_DATABASE_URL", sqlite_url)
    monkeypatch.delenv("LUREWATCH_PUBLIC_URL", raising=False)


def command(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    users.add_arguments(parser)
    return users.run(parser.parse_args(arguments))


def people() -> tuple[UserRecord, ...]:
    with open_installation() as found:
        return UserService(found.database, found.audit).list()


def use(link: str) -> None:
    token = link.strip().rpartition("/")[2]
    with open_installation() as found:
        sessions = SessionService(
            found.database,
            found.audit,
            found.keyring,
            found.settings,
            passwords=cheap_passwords(),
        )
        asyncio.run(sessions.use_link(token, PASSWORD))


def test_a_created_person_gets_a_link_that_is_alone_on_stdout(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert command("create", "Anna", "--role", "moderator", "--languages", "en,hi-Latn") == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("http://127.0.0.1:8000/welcome/")
    assert captured.out.count("\n") == 1
    assert "24 hours" in captured.err
    (anna,) = people()
    assert (anna.name, anna.role) == ("anna", Role.MODERATOR)
    assert anna.languages == frozenset({"en", "hi-Latn"})
    use(captured.out)
    command("list")
    assert "active" in capsys.readouterr().out


def test_links_carry_the_address_that_people_type(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LUREWATCH_PUBLIC_URL", "https://queue.example.org")
    command("create", "anna", "--role", "lead")
    assert capsys.readouterr().out.startswith("https://queue.example.org/welcome/")


def test_the_list_says_who_is_in_and_who_is_not_yet_or_not_any_more(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("anna", "berta"):
        command("create", name, "--role", "moderator")
    command("disable", "berta")
    capsys.readouterr()
    command("list")
    header, anna, berta = capsys.readouterr().out.splitlines()
    assert header.split() == ["NAME", "ROLE", "READS", "CREATED", "STATUS"]
    assert "has not set a password" in anna
    assert "disabled" in berta


def test_a_new_link_replaces_a_forgotten_password(capsys: pytest.CaptureFixture[str]) -> None:
    command("create", "anna", "--role", "moderator")
    capsys.readouterr()
    command("link", "anna")
    use(capsys.readouterr().out)
    (anna,) = people()
    assert anna.welcomed


def test_everybody_can_be_signed_out(capsys: pytest.CaptureFixture[str]) -> None:
    command("create", "anna", "--role", "moderator")
    link = capsys.readouterr().out
    assert command("end-sessions") == 0
    assert "Ended 0 sessions" in capsys.readouterr().err
    with pytest.raises(LurewatchError):
        use(link)


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "a b", "--role", "lead"),
        ("create", "anna", "--role", "lead", "--languages", "klingon"),
        ("link", "nobody"),
        ("disable", "nobody"),
    ],
)
def test_what_cannot_be_done_is_an_error_that_says_why(arguments: tuple[str, ...]) -> None:
    with pytest.raises(LurewatchError) as error:
        command(*arguments)
    assert error.value.detail


@pytest.mark.parametrize(
    "arguments",
    [(), ("create", "anna"), ("create", "--role", "lead"), ("create", "x", "--role", "platform")],
)
def test_a_wrong_command_line_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as error:
        command(*arguments)
    assert error.value.code == 2


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_an_address_can_be_typed(sqlite_url: str, host: str) -> None:
    address = Settings(database_url=sqlite_url, host=host).address
    assert address in {"http://127.0.0.1:8000", "http://[::1]:8000"}


def test_each_demo_hands_out_a_link_and_kills_the_last() -> None:
    with open_installation() as found:
        service = UserService(found.database, found.audit)
        first, second = demo.sign_in_token(service), demo.sign_in_token(service)
    with pytest.raises(LurewatchError):
        use(first)
    use(second)
    (person,) = people()
    assert (person.name, person.role) == ("demo", Role.LEAD)
