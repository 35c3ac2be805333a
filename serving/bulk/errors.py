"""What goes wrong between a file and its scores.

MalformedRowError (classifier)
├── InvalidUtf8Error
└── RowTooLongError
LurewatchError (classifier)
├── OutputError
└── ClusterError
"""

from __future__ import annotations

from classifier.errors import LurewatchError, MalformedRowError


class InvalidUtf8Error(MalformedRowError):
    code = "invalid_utf8"
    title = "The row is not UTF-8"


class RowTooLongError(MalformedRowError):
    code = "row_too_long"
    title = "The row is too long"


class OutputError(LurewatchError):
    """The output could be opened, but no longer be written."""

    code = "output"
    title = "The output cannot be written"


class ClusterError(LurewatchError):
    """The Ray cluster could not be reached, or could not finish the work."""

    code = "cluster"
    title = "The Ray cluster cannot do this"
