"""Accounts: made and disabled on the command line, looked up by the pages."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import timedelta

from sqlalchemy.orm import Session

from classifier.errors import UsageError
from serving.actors import OPERATOR, PERSON
from serving.audit.log import AuditLog
from serving.audit.records import Draft, EventKind
from serving.clock import Clock, utc_now
from serving.database import Database
from serving.errors import UserNotFoundError
from serving.policy import Role
from serving.users import repository
from serving.users.models import SignInLink, User
from serving.users.names import new_name, plain_name
from serving.users.records import UserRecord, actor_id, user_record
from serving.users.tokens import hash_token, new_token

LINK_LIFETIME = timedelta(hours=24)


class UserService:
    """People in `database`. A link's token is handed out once; the database knows its hash."""

    def __init__(self, database: Database, audit: AuditLog, *, clock: Clock = utc_now) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    def create(self, name: str, role: Role, languages: frozenset[str] | None = None) -> str:
        """The token of a link with which a new person sets their password.

        There is no password until then. Raises `UsageError` for a name that cannot be or is
        taken, also by someone who is disabled, and for the role of a platform.
        """
        if role is Role.PLATFORM:
            raise UsageError("a platform is no person: it takes a key, see `lurewatch keys`.")
        name = new_name(name)
        with self._database.write() as session:
            if repository.by_name(session, name) is not None:
                raise UsageError(
                    f"there is a person called {name} already. `lurewatch users link {name}` "
                    "lets them set a new password."
                )
            user = User(
                id=secrets.token_hex(6),
                name=name,
                role=role.value,
                languages=_joined(languages),
                created_at=self._clock(),
            )
            session.add(user)
            session.flush()
            token = self._add_link(session, user)
            self._log(session, user, EventKind.USER_CREATED, EventKind.LINK_MADE)
        return token

    def new_link(self, name: str) -> str:
        """The token of a new link; the person's earlier links are dead.

        Their password is good until they use it. Raises `UserNotFoundError`, and `UsageError`
        for someone who is disabled.
        """
        with self._database.write() as session:
            user = _named(session, name)
            if user.disabled_at is not None:
                raise UsageError(f"{user.name} is disabled. Create a person with another name.")
            repository.drop_links(session, user.id)
            token = self._add_link(session, user)
            self._log(session, user, EventKind.LINK_MADE)
        return token

    def disable(self, name: str) -> UserRecord:
        """End a person's access from the next request on, for good; raises `UserNotFoundError`."""
        with self._database.write() as session:
            user = _named(session, name)
            if user.disabled_at is None:
                user.disabled_at = self._clock()
                repository.end_sessions(session, user.id)
                repository.drop_links(session, user.id)
                self._log(session, user, EventKind.USER_DISABLED)
            return user_record(user)

    def end_sessions(self) -> int:
        """Sign everybody out, and kill the links that nobody used; how many sessions there were."""
        with self._database.write() as session:
            ended, links = repository.end_all(session)
            body = {"sessions": ended, "links": links}
            draft = Draft(EventKind.SESSIONS_ENDED, OPERATOR, self._clock(), body=body)
            self._audit.append(session, draft)
        return ended

    def list(self) -> tuple[UserRecord, ...]:
        """All people, disabled ones too, by name."""
        with self._database.read() as session:
            return tuple(map(user_record, repository.every(session)))

    def find(self, name: str) -> UserRecord | None:
        with self._database.read() as session:
            user = repository.by_name(session, plain_name(name))
            return None if user is None else user_record(user)

    def names(self, actors: Collection[str]) -> Mapping[str, str]:
        """The names of those `actors` that are people, by actor id."""
        ids = {actor.removeprefix(PERSON) for actor in actors if actor.startswith(PERSON)}
        with self._database.read() as session:
            found = repository.with_ids(session, ids)
            return {actor_id(user.id): user.name for user in found}

    def set_preferences(self, user_id: str, *, hide_score: bool, preview_first: bool) -> None:
        """How one person wishes to see the queue."""
        with self._database.write() as session:
            user = repository.locked(session, user_id)
            user.hide_score, user.preview_first = hide_score, preview_first

    def set_languages(self, user_id: str, languages: frozenset[str] | None) -> None:
        """What one person reads, as they say themselves; None for everything."""
        with self._database.write() as session:
            user = repository.locked(session, user_id)
            user.languages = _joined(languages)
            body = {"user": user.id, "languages": None if languages is None else sorted(languages)}
            draft = Draft(EventKind.LANGUAGES_SET, actor_id(user.id), self._clock(), body=body)
            self._audit.append(session, draft)

    def _add_link(self, session: Session, user: User) -> str:
        token = new_token()
        expires_at = self._clock() + LINK_LIFETIME
        session.add(
            SignInLink(token_hash=hash_token(token), user_id=user.id, expires_at=expires_at)
        )
        return token

    def _log(self, session: Session, user: User, *kinds: EventKind) -> None:
        body = {"user": user.id, "role": user.role}
        drafts = (Draft(kind, OPERATOR, self._clock(), body=body) for kind in kinds)
        self._audit.append(session, *drafts)


def welcome_address(base: str, token: str) -> str:
    """The link that carries `token`, at the address `base` of the server."""
    return f"{base}/welcome/{token}"


def _joined(languages: frozenset[str] | None) -> str | None:
    return None if languages is None else " ".join(sorted(languages))


def _named(session: Session, name: str) -> User:
    user = repository.by_name(session, plain_name(name), lock=True)
    if user is None:
        raise UserNotFoundError(
            f"nobody is called {plain_name(name)!r}. `lurewatch users list` shows all names."
        )
    return user
