from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import text

from classifier.errors import UsageError
from serving import secret
from serving.database import Database
from serving.errors import SecretMismatchError
from serving.secret import Keyring, check_secret, load_keyring, secret_file
from serving.settings import Settings

OLD, NEW = b"the secret of the first half year", b"the secret of the second half year"
POSTGRES = Settings(database_url="postgresql://me@host/name")


@pytest.fixture
def path(settings: Settings) -> Path:
    return secret_file(settings, {})


def test_keys_are_derived_as_in_the_standard() -> None:
    # RFC 5869, appendix A.1; its output goes on after our 32 bytes.
    root = secret._extract(bytes(range(13)), b"\x0b" * 22)
    expected = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
    assert secret._expand(root, bytes(range(0xF0, 0xFA))).hex() == expected


def test_each_purpose_and_each_secret_has_a_key_of_its_own() -> None:
    both = Keyring((NEW, OLD))
    keys = [both.key(purpose, key_id) for purpose in ("one", "two") for key_id in both.key_ids]
    assert len(set(keys)) == 4
    assert {len(key) for key in keys} == {32}
    assert both.key("one") == Keyring((NEW,)).key("one")
    assert both.key("one", Keyring((OLD,)).key_id) == Keyring((OLD,)).key("one")


def test_a_key_of_a_secret_that_is_not_there_says_which(settings: Settings) -> None:
    with pytest.raises(SecretMismatchError, match=Keyring((OLD,)).key_id):
        Keyring((NEW,)).key("one", Keyring((OLD,)).key_id)


def test_marks_differ_by_purpose_part_and_secret() -> None:
    ring = Keyring((NEW, OLD))
    marks = {
        ring.mark("post", "ab", "c"),
        ring.mark("post", "a", "bc"),
        ring.mark("post", "abc"),
        ring.mark("author", "abc"),
        Keyring((OLD,)).mark("post", "abc"),
    }
    assert len(marks) == 5
    assert {len(mark) for mark in marks} == {64}
    assert ring.mark("post", "\ud800")  # a half of a surrogate pair, as JSON can bring it


def test_what_was_marked_before_a_change_is_found_after_it() -> None:
    before = Keyring((OLD,)).mark("post", "example", "1")
    after = Keyring((NEW, OLD))
    assert before in after.marks("post", "example", "1")
    assert after.marks("post", "example", "1")[0] == after.mark("post", "example", "1")


def test_a_keyring_shows_no_secret() -> None:
    ring = Keyring((NEW, OLD))
    assert repr(ring) == f"Keyring({ring.key_id}, {ring.key_ids[1]})"
    assert len(ring.key_id) == 16


def test_a_keyring_is_never_empty() -> None:
    with pytest.raises(ValueError, match="one secret"):
        Keyring(())


def test_the_variable_holds_the_current_secret_and_older_ones(settings: Settings) -> None:
    value = f"{NEW.decode()}, {OLD.decode()}\n"
    assert (
        load_keyring(settings, {"LUREWATCH_SECRET": value}).key_ids == Keyring((NEW, OLD)).key_ids
    )
    assert not secret_file(settings, {}).exists()


@pytest.mark.parametrize("value", ["short", f"{'x' * 40},", f"{'x' * 40},{'x' * 40}", "x" * 31])
def test_a_secret_that_is_too_short_or_comes_twice_is_refused(
    settings: Settings, value: str
) -> None:
    with pytest.raises(UsageError, match="LUREWATCH_SECRET") as error:
        load_keyring(settings, {"LUREWATCH_SECRET": value})
    assert "xxxx" not in str(error.value)


def test_the_first_start_makes_a_file_for_its_owner_alone(settings: Settings, path: Path) -> None:
    umask = os.umask(0)
    try:
        made = load_keyring(settings, {"LUREWATCH_SECRET": ""})
    finally:
        os.umask(umask)
    assert path.name == "lurewatch.db.secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_keyring(settings, {}).key_ids == made.key_ids
    assert [file.name for file in path.parent.iterdir() if "secret" in file.name] == [path.name]


def test_each_installation_makes_another_secret(settings: Settings, path: Path) -> None:
    first = load_keyring(settings, {})
    path.unlink()
    assert load_keyring(settings, {}).key_id != first.key_id


def test_with_postgresql_the_file_is_in_the_state_folder(tmp_path: Path) -> None:
    environment = {"XDG_STATE_HOME": str(tmp_path)}
    load_keyring(POSTGRES, environment)
    assert (tmp_path / "lurewatch" / "lurewatch.secret").exists()


def test_starts_that_race_agree_on_one_secret(settings: Settings, path: Path) -> None:
    starts = 8
    for _ in range(10):
        path.unlink(missing_ok=True)
        barrier = Barrier(starts)

        def start(_: int, barrier: Barrier = barrier) -> str:
            barrier.wait()
            return load_keyring(settings, {}).key_id

        with ThreadPoolExecutor(starts) as pool:
            assert len(set(pool.map(start, range(starts)))) == 1


def test_a_file_that_others_can_read_is_refused(settings: Settings, path: Path) -> None:
    load_keyring(settings, {})
    for mode in (0o640, 0o604, 0o620):
        path.chmod(mode)
        with pytest.raises(UsageError, match="chmod 600"):
            load_keyring(settings, {})


@pytest.mark.parametrize("content", [b"", b"short\n", b"\xff" * 40])
def test_a_file_without_a_secret_is_refused_by_its_name(
    settings: Settings, path: Path, content: bytes
) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)
    with pytest.raises(UsageError, match=path.name):
        load_keyring(settings, {})


def test_no_file_is_made_where_none_is_wanted(settings: Settings, path: Path) -> None:
    with pytest.raises(UsageError, match="LUREWATCH_SECRET"):
        load_keyring(settings, {}, create=False)
    assert not path.exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "lurewatch").touch()
    with pytest.raises(UsageError, match="LUREWATCH_SECRET"):
        load_keyring(POSTGRES, {"XDG_STATE_HOME": str(tmp_path)})


def test_a_database_knows_the_secret_that_it_was_written_with(database: Database) -> None:
    check_secret(database, Keyring((OLD,)))
    check_secret(database, Keyring((OLD,)))
    with pytest.raises(SecretMismatchError, match="LUREWATCH_SECRET"):
        check_secret(database, Keyring((NEW,)))
    check_secret(database, Keyring((OLD,)))


def test_after_a_change_the_old_secret_alone_is_refused(database: Database) -> None:
    check_secret(database, Keyring((OLD,)))
    check_secret(database, Keyring((NEW, OLD)))
    with pytest.raises(SecretMismatchError, match=Keyring((NEW,)).key_id):
        check_secret(database, Keyring((OLD,)))
    check_secret(database, Keyring((NEW,)))


def test_the_database_keeps_a_name_of_the_secret_only(database: Database) -> None:
    check_secret(database, Keyring((OLD,)))
    with database.read() as session:
        rows = session.execute(text("SELECT name, value FROM deployment")).all()
    assert [tuple(row) for row in rows] == [("secret", Keyring((OLD,)).key_id)]
