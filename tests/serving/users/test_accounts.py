from __future__ import annotations

import pytest

from classifier.errors import UsageError
from serving.errors import UserNotFoundError
from serving.policy import Role
from serving.users.names import read_languages
from serving.users.service import UserService
from tests.serving.users.conftest import PASSWORD, Office

pytestmark = pytest.mark.anyio


@pytest.fixture
def users(office: Office) -> UserService:
    return office.users


def test_people_are_listed_by_name_with_what_they_read(users: UserService) -> None:
    users.create("berta", Role.LEAD, read_languages("ar, hi-Latn,en"))
    users.create("Anna", Role.MODERATOR)
    anna, berta = users.list()
    assert (anna.name, anna.role, anna.languages) == ("anna", Role.MODERATOR, None)
    assert berta.languages == frozenset({"ar", "hi-Latn", "en"})
    assert berta.actor.languages == berta.languages
    assert not anna.welcomed


@pytest.mark.parametrize(
    "name", ["", " ", "a b", "-a", "a.", "a\u202eb", "a\u200bb", "a/b", "<b>", "x" * 101, "a\x00"]
)
def test_a_name_that_could_mislead_is_refused(users: UserService, name: str) -> None:
    with pytest.raises(UsageError):
        users.create(name, Role.MODERATOR)


@pytest.mark.parametrize("name", ["a", "anna.b@example.org", "mod-7", "ليلى", "李雷", "o'neill"])
def test_names_of_any_script_do(users: UserService, name: str) -> None:
    users.create(name, Role.MODERATOR)
    assert users.find(name)


def test_a_name_is_given_once(users: UserService) -> None:
    users.create("anna", Role.MODERATOR)
    users.disable("anna")
    with pytest.raises(UsageError, match="already"):
        users.create("ANNA", Role.ADMIN)


def test_a_platform_is_no_person(users: UserService) -> None:
    with pytest.raises(UsageError, match="key"):
        users.create("anna", Role.PLATFORM)


def test_who_is_not_there_cannot_be_linked_or_disabled(users: UserService) -> None:
    for attempt in (users.new_link, users.disable):
        with pytest.raises(UserNotFoundError, match="users list"):
            attempt("nobody")


def test_the_disabled_get_no_link_and_keep_their_date(users: UserService) -> None:
    users.create("anna", Role.MODERATOR)
    first = users.disable("anna").disabled_at
    assert users.disable("anna").disabled_at == first
    with pytest.raises(UsageError, match="disabled"):
        users.new_link("anna")


@pytest.mark.parametrize("tags", ["", "english", "EN", "en,", "hi_Latn", "en;ar"])
def test_what_is_no_language_tag_is_refused(tags: str) -> None:
    with pytest.raises(UsageError, match="language tag"):
        read_languages(tags)


def test_a_list_of_languages_is_no_longer_than_what_is_kept() -> None:
    tags = [f"{a}{b}{c}-Latn" for a in "abcde" for b in "abcde" for c in "abcd"]
    assert len(" ".join(read_languages(",".join(tags)))) <= 1000
    with pytest.raises(UsageError, match="at most 100"):
        read_languages(",".join([*tags, "zz"]))


async def test_actors_have_names_and_keys_have_none(office: Office) -> None:
    anna = (await office.join("anna")).user
    names = office.users.names([anna.actor.id, "key:0123456789ab", "system", "user:unknown"])
    assert names == {anna.actor.id: "anna"}


async def test_people_say_themselves_what_they_read_and_the_log_has_it(office: Office) -> None:
    anna = (await office.join("anna")).user
    for languages in (frozenset({"ar", "en"}), None):
        office.users.set_languages(anna.id, languages)
        found = office.users.find("anna")
        assert found is not None
        assert found.languages == languages
    events = [event for event in office.events() if event.kind == "languages_set"]
    assert {event.actor for event in events} == {anna.actor.id}
    assert '["ar","en"]' in events[0].body
    assert "null" in events[1].body


async def test_preferences_are_kept(office: Office) -> None:
    anna = (await office.join("anna")).user
    office.users.set_preferences(anna.id, hide_score=True, preview_first=False)
    token = await office.sessions.sign_in("anna", PASSWORD, "192.0.2.1")
    browser = office.sessions.find(token)
    assert browser is not None
    assert (browser.user.hide_score, browser.user.preview_first) == (True, False)
