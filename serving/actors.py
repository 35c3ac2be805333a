"""Who does something: a person who is signed in, or the holder of an API key."""

from __future__ import annotations

from dataclasses import dataclass

from serving.policy import Role

PERSON, KEY = "user:", "key:"
"""What the id of an actor begins with."""


@dataclass(frozen=True, slots=True)
class Actor:
    """`id` is `user:<id>` or `key:<id>`, as the audit log names it.

    A `platform` key sees that platform alone. `languages` are the tags a person reads; None reads
    them all.
    """

    id: str
    role: Role
    platform: str | None = None
    languages: frozenset[str] | None = None


SYSTEM = "system"
"""The actor of what happens by itself, such as a lease that ran out or a retention that ended."""

OPERATOR = "operator"
"""The actor of what is done on the server's own command line."""
