"""What can go wrong in a comparison."""

from __future__ import annotations

from classifier.errors import LurewatchError


class ContenderError(LurewatchError):
    """A contender takes no part."""

    code = "contender"
    title = "A contender cannot take part"
