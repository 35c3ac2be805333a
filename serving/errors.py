"""What can go wrong in serving. `serving.problems` gives each its HTTP status.

    LurewatchError
    ├── StorageError                   the database
    │   ├── DatabaseUnavailableError
    │   ├── SchemaOutdatedError
    │   ├── SchemaTooNewError
    │   └── KeyNotFoundError
    └── RequestError                   one HTTP request
        ├── MalformedBodyError
        ├── UnsupportedMediaTypeError
        ├── InvalidRequestError        carries one FieldError for each field
        ├── BodyTooLargeError
        ├── MissingKeyError
        ├── InvalidKeyError
        ├── ForbiddenError
        ├── ClientGoneError
        ├── NotReadyError              these three say when to come back
        ├── QueueFullError
        └── RateLimitedError

What a text itself can be refused for are the `InputError`s of `classifier.errors`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from classifier.errors import LurewatchError


class StorageError(LurewatchError):
    code = "storage"
    title = "The database cannot be used"


class DatabaseUnavailableError(StorageError):
    code = "database_unavailable"
    title = "The database does not answer"


class SchemaOutdatedError(StorageError):
    code = "schema_outdated"
    title = "The database is from an earlier version"


class SchemaTooNewError(StorageError):
    code = "schema_too_new"
    title = "The database is from a later version"


class KeyNotFoundError(StorageError):
    code = "key_not_found"
    title = "There is no such key"


class RequestError(LurewatchError):
    """A request that is refused. `retry_after`, in seconds, is sent where it is known."""

    code = "bad_request"
    title = "The request cannot be answered"

    def __init__(self, detail: str, *, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class MalformedBodyError(RequestError):
    code = "malformed_body"
    title = "The body is not JSON in UTF-8"


class UnsupportedMediaTypeError(RequestError):
    code = "unsupported_media_type"
    title = "The body is not declared as JSON"


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field. `pointer` is a JSON pointer (RFC 6901) into the body."""

    pointer: str
    code: str
    detail: str


class InvalidRequestError(RequestError):
    code = "invalid_request"
    title = "The request does not have the expected shape"

    def __init__(self, detail: str, fields: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.fields = tuple(fields)


class BodyTooLargeError(RequestError):
    code = "body_too_large"
    title = "The body is too large"


class MissingKeyError(RequestError):
    code = "missing_key"
    title = "A key is needed"


class InvalidKeyError(RequestError):
    code = "invalid_key"
    title = "The key is not valid"


class ForbiddenError(RequestError):
    code = "forbidden"
    title = "This key may not do that"


class ClientGoneError(RequestError):
    code = "client_gone"
    title = "The client closed the connection"


class NotReadyError(RequestError):
    code = "not_ready"
    title = "The server is not ready"


class QueueFullError(RequestError):
    code = "queue_full"
    title = "Too much is waiting to be scored"


class RateLimitedError(RequestError):
    code = "rate_limited"
    title = "Too many requests"
