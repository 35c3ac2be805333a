"""Who may do what: the one table, and the question asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What a person, or the holder of a key, is."""

    PLATFORM = "platform"
    MODERATOR = "moderator"
    LEAD = "lead"
    RESEARCHER = "researcher"
    ADMIN = "admin"


class Action(StrEnum):
    """What a request asks to do."""

    SCORE = "score posts"
    READ_METRICS = "read the metrics"
    SUBMIT_POSTS = "hand in posts and notices"
    READ_ITEM = "read an item"
    WORK_QUEUE = "work the queue"
    DECIDE_ESCALATED = "decide what was escalated"
    SEARCH = "search the items"
    READ_SETTINGS = "read the settings"
    READ_TEAM = "read the team's figures"
    READ_AUDIT = "read the audit log"
    EXPORT = "export decisions"
    RESCORE = "score open items anew"
    ERASE = "erase a post"


class Scope(StrEnum):
    """On whose objects: those of the caller's own platform, or all."""

    OWN = "own"
    ALL = "all"


def _all(*roles: Role) -> Mapping[Role, Scope]:
    return MappingProxyType(dict.fromkeys(roles, Scope.ALL))


_REVIEWERS = (Role.MODERATOR, Role.LEAD, Role.ADMIN)
_LEADS = (Role.LEAD, Role.ADMIN)

POLICY: Mapping[Action, Mapping[Role, Scope]] = MappingProxyType(
    {
        Action.SCORE: _all(*Role),
        Action.READ_METRICS: _all(*_LEADS, Role.RESEARCHER),
        Action.SUBMIT_POSTS: MappingProxyType({Role.PLATFORM: Scope.OWN}),
        Action.READ_ITEM: MappingProxyType({Role.PLATFORM: Scope.OWN, **_all(*_REVIEWERS)}),
        Action.WORK_QUEUE: _all(*_REVIEWERS),
        Action.DECIDE_ESCALATED: _all(*_LEADS),
        Action.SEARCH: _all(*_REVIEWERS),
        Action.READ_SETTINGS: _all(*_REVIEWERS, Role.RESEARCHER),
        Action.READ_TEAM: _all(*_LEADS),
        Action.READ_AUDIT: _all(*_LEADS),
        Action.EXPORT: _all(*_LEADS, Role.RESEARCHER),
        Action.RESCORE: _all(*_LEADS),
        Action.ERASE: _all(Role.ADMIN),
    }
)


def may(role: Role, action: Action) -> bool:
    """Whether `role` may do `action`, on its own objects at least."""
    return role in POLICY[action]


def scope(role: Role, action: Action) -> Scope | None:
    """On whose objects `role` may do `action`; None where it may not."""
    return POLICY[action].get(role)
