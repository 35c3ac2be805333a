"""What can go wrong in serving. `serving.problems` gives each its HTTP status.

    LurewatchError
    ├── StorageError                   the database
    │   ├── DatabaseUnavailableError
    │   ├── SchemaOutdatedError
    │   ├── SchemaTooNewError
    │   ├── KeyNotFoundError
    │   ├── SecretMismatchError
    │   ├── AuditLogDamagedError
    │   └── UserNotFoundError
    ├── WorkersFailedError             the processes of one server
    └── RequestError                   one HTTP request
        ├── MalformedBodyError
        ├── UnsupportedMediaTypeError
        ├── InvalidRequestError        carries one FieldError for each field
        ├── BodyTooLargeError
        ├── MissingKeyError
        ├── InvalidKeyError
        ├── ForbiddenError
        ├── NotFoundError              there is none, or it is someone else's
        ├── ConflictError              carries what happened meanwhile
        ├── SignInError                people at the pages; keys have their own
        │   ├── NotSignedInError
        │   ├── WrongPasswordError
        │   ├── UnfitPasswordError
        │   ├── LinkSpentError
        │   └── ForeignFormError
        ├── ClientGoneError
        ├── NotReadyError              these three say when to come back
        ├── QueueFullError
        └── RateLimitedError

What a text itself can be refused for are the `InputError`s of `classifier.errors`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

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


class SecretMismatchError(StorageError):
    code = "secret_mismatch"
    title = "The secret is not the one that this database was written with"


class AuditLogDamagedError(StorageError):
    code = "audit_log_damaged"
    title = "The audit log is not as it was written"


class UserNotFoundError(StorageError):
    code = "user_not_found"
    title = "There is no such person"


class WorkersFailedError(LurewatchError):
    code = "workers_failed"
    title = "The server's workers end again and again"


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
    title = "The role may not do that"


class NotFoundError(RequestError):
    code = "not_found"
    title = "There is no such thing"


@dataclass(frozen=True, slots=True)
class Happened:
    """The event that stands in the way, as the history shows it."""

    kind: str
    actor: str
    at: datetime
    version: int


class ConflictError(RequestError):
    """What was asked rests on a state that has passed. `happened` is None where time alone did."""

    code = "conflict"
    title = "Something happened meanwhile"

    def __init__(self, detail: str, happened: Happened | None = None) -> None:
        super().__init__(detail)
        self.happened = happened


class SignInError(RequestError):
    """What only a page answers with."""

    code = "sign_in"
    title = "You cannot sign in like this"


class NotSignedInError(SignInError):
    code = "not_signed_in"
    title = "Nobody is signed in"


class WrongPasswordError(SignInError):
    code = "wrong_password"
    title = "The name or the password is wrong"


class UnfitPasswordError(SignInError):
    code = "unfit_password"
    title = "The password cannot be used"


class LinkSpentError(SignInError):
    code = "link_spent"
    title = "This link does not work any more"


class ForeignFormError(SignInError):
    code = "foreign_form"
    title = "The form was not sent from this page"


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
