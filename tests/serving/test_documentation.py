"""The handbook says what the code does. Settings have their test in test_settings.py."""

from __future__ import annotations

import re
from pathlib import Path

from serving.body import MAX_BODY_BYTES
from serving.metrics import Metrics
from serving.pages.docs import describe
from serving.policy import Action, Role, may

DOCS = Path(__file__).parents[2] / "docs"
API = (DOCS / "api.md").read_text(encoding="utf-8")
HANDBOOK = (DOCS / "operations" / "serving.md").read_text(encoding="utf-8")

EMPTY_DOCUMENT = {
    "info": {"title": "", "version": "", "description": ""},
    "paths": {},
    "components": {"schemas": {}},
}


def test_every_error_is_documented_with_its_status() -> None:
    rows = [line for line in API.splitlines() if re.match(r"\| \d{3}", line)]
    for error in describe(EMPTY_DOCUMENT).errors:
        if error.code == "invalid_input":  # only its kinds occur
            continue
        assert any(str(error.status) in row and f"`{error.code}`" in row for row in rows), error


def test_limits_are_documented() -> None:
    assert f"{MAX_BODY_BYTES:,} bytes" in API


def test_the_table_of_roles_is_the_policy() -> None:
    for role in Role:
        (row,) = (line for line in HANDBOOK.splitlines() if line.startswith(f"| `{role}` |"))
        cells = [cell.strip() for cell in row.split("|")[2:4]]
        allowed = [may(role, action) for action in (Action.SCORE, Action.READ_METRICS)]
        assert [cell == "yes" for cell in cells] == allowed


def test_every_metric_that_is_documented_exists_and_the_reverse() -> None:
    documented = set(re.findall(r"`(lurewatch_\w+)`", HANDBOOK))
    existing = set(re.findall(r"^# TYPE (lurewatch_\w+)", Metrics().render().decode(), re.M))
    assert documented == {name for name in existing if not name.endswith("_created")}
