"""Who may do what: the one table, and the question asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What the holder of a key is."""

    PLATFORM = "platform"
    MODERATOR = "moderator"
    LEAD = "lead"
    RESEARCHER = "researcher"
    ADMIN = "admin"


class Action(StrEnum):
    """What a request asks to do."""

    SCORE = "score posts"
    READ_METRICS = "read the metrics"


POLICY: Mapping[Action, frozenset[Role]] = MappingProxyType(
    {
        Action.SCORE: frozenset(Role),
        Action.READ_METRICS: frozenset({Role.LEAD, Role.RESEARCHER, Role.ADMIN}),
    }
)


def may(role: Role, action: Action) -> bool:
    """Whether holders of `role` may do `action`."""
    return role in POLICY[action]
