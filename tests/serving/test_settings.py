from __future__ import annotations

from pathlib import Path

import pytest

from classifier.errors import UsageError
from serving.settings import ENVIRONMENT, Settings, default_database_url, read_settings

HANDBOOK = Path(__file__).parents[2] / "docs" / "operations" / "serving.md"


def test_every_setting_can_be_set_and_is_documented_with_its_default() -> None:
    assert set(ENVIRONMENT.values()) == set(Settings.model_fields)
    handbook = HANDBOOK.read_text(encoding="utf-8")
    for variable, field in ENVIRONMENT.items():
        (row,) = (line for line in handbook.splitlines() if line.startswith(f"| `{variable}` |"))
        default = Settings.model_fields[field].default
        if not Settings.model_fields[field].is_required() and default is not None:
            assert f"| `{default:g}` |" if isinstance(default, float) else f"`{default}`" in row


def test_flags_overrule_the_environment() -> None:
    environment = {"LUREWATCH_PORT": "9000", "LUREWATCH_HOST": "0.0.0.0"}
    settings = read_settings(environment, port=9001, host=None)
    assert (settings.port, settings.host) == (9001, "0.0.0.0")


def test_an_empty_variable_counts_as_unset() -> None:
    assert read_settings({"LUREWATCH_PORT": ""}).port == 8000


@pytest.mark.parametrize(
    ("environment", "flags", "named"),
    [
        ({"LUREWATCH_PORT": "eighty"}, {}, "LUREWATCH_PORT"),
        ({"LUREWATCH_QUEUE_LIMIT": "0"}, {}, "LUREWATCH_QUEUE_LIMIT"),
        ({}, {"port": 70_000}, "--port"),
        ({"LUREWATCH_THREADS": "8"}, {"threads": -1}, "--threads"),
    ],
)
def test_a_bad_value_is_named_by_where_it_came_from(
    environment: dict[str, str], flags: dict[str, object], named: str
) -> None:
    with pytest.raises(UsageError, match=named):
        read_settings(environment, **flags)


def test_the_default_database_is_in_the_state_folder() -> None:
    assert default_database_url({"XDG_STATE_HOME": "/state"}) == (
        "sqlite:////state/lurewatch/lurewatch.db"
    )
    assert default_database_url({}).endswith("/.local/state/lurewatch/lurewatch.db")


def test_settings_do_not_show_the_database_password() -> None:
    settings = Settings(database_url="postgresql://me:secret@host/db")
    assert "secret" not in repr(settings)
