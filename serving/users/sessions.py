"""Signing in and out: from a name and a password, or a link, to a browser that is known."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from serving.actors import SYSTEM
from serving.audit.log import AuditLog
from serving.audit.records import Draft, EventKind
from serving.clock import Clock, utc_now
from serving.database import Database
from serving.errors import LinkSpentError, WrongPasswordError
from serving.secret import Keyring
from serving.settings import Settings
from serving.users import models, repository
from serving.users.guessing import Backoff
from serving.users.models import User
from serving.users.names import plain_name
from serving.users.passwords import Passwords
from serving.users.records import SignedIn, UserRecord, actor_id, user_record
from serving.users.tokens import hash_token, new_token

_SEEN_EVERY = timedelta(minutes=1)
"""How exactly a session's last use is kept: a write at every page would be one too many."""


@dataclass(frozen=True, slots=True)
class _Claimed:
    """Whoever a guess is about: None where there is no such person, or none who may sign in."""

    user_id: str | None
    password_hash: str | None


class SessionService:
    """Sessions in `database`. A token is handed out once; the database knows its hash."""

    def __init__(
        self,
        database: Database,
        audit: AuditLog,
        keyring: Keyring,
        settings: Settings,
        *,
        passwords: Passwords | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._audit = audit
        self._keyring = keyring
        self._idle = timedelta(hours=settings.session_idle_hours)
        self._lifetime = timedelta(days=settings.session_days)
        self._passwords = passwords or Passwords()
        self._backoff = Backoff(keyring)
        self._clock = clock

    async def sign_in(self, name: str, password: str, address: str) -> str:
        """The token of a new session.

        Raises `WrongPasswordError`, after the same work and in the same words whether the name
        is unknown, disabled or has another password, and `RateLimitedError`, known name or not.
        """
        name = plain_name(name)
        claimed = await self._prove(name, password, address)
        renewed = None
        if claimed.password_hash and self._passwords.is_outdated(claimed.password_hash):
            renewed = await self._passwords.hash(password)
        return await run_in_threadpool(self._open, claimed, name, address, renewed)

    def find(self, token: str, *, in_use: bool = True) -> SignedIn | None:
        """The session that `token` opens, unless it has expired or the person is disabled.

        That is a use of it, from which it lasts anew, unless `in_use` says otherwise.
        """
        token_hash, now = hash_token(token), self._clock()
        with self._database.read() as session:
            found = repository.session_of(session, token_hash)
            if found is None or not self._is_live(*found):
                return None
            row, user = found
            stale = in_use and now - row.seen_at >= _SEEN_EVERY
            browser = SignedIn(user_record(user), token_hash)
        if stale:
            with self._database.write() as session:
                repository.mark_seen(session, token_hash, now)
        return browser

    def sign_out(self, browser: SignedIn) -> None:
        with self._database.write() as session:
            repository.end_session(session, browser.session)
            self._log(session, EventKind.SIGNED_OUT, user_id=browser.user.id)

    def link_holder(self, token: str) -> UserRecord:
        """Whose link it is. Looking does not use it up; raises `LinkSpentError`."""
        with self._database.read() as session:
            found = repository.usable_link(session, hash_token(token), self._clock())
            if found is None:
                raise _spent()
            return user_record(found[1])

    async def use_link(self, token: str, password: str) -> str:
        """Set the password of the link's holder, end their sessions, and open a new one.

        Of several who use a link at once one succeeds. Raises `UnfitPasswordError`, which leaves
        the link as it was, and `LinkSpentError`.
        """
        await run_in_threadpool(self.link_holder, token)  # no slow hash for whoever made one up
        kept = await self._passwords.hash(password)
        return await run_in_threadpool(self._use_link, token, kept)

    async def change_password(
        self, browser: SignedIn, current: str, new: str, address: str
    ) -> None:
        """Set a new password and end the person's other sessions.

        Raises `UnfitPasswordError`, and as `sign_in` does where `current` is wrong.
        """
        kept = await self._passwords.hash(new)
        claimed = await self._prove(browser.user.name, current, address)
        await run_in_threadpool(self._change, claimed, browser, address, kept)

    def csrf_token(self, browser: SignedIn) -> str:
        """What forms of this session carry; without the server's secret nobody can make one."""
        return self._keyring.mark("csrf", browser.session)

    def csrf_matches(self, browser: SignedIn, sent: str) -> bool:
        marks = self._keyring.marks("csrf", browser.session)
        given = sent.encode("utf-8", "surrogatepass")  # text that is not ASCII is not compared
        return any(hmac.compare_digest(mark.encode(), given) for mark in marks)

    async def _prove(self, name: str, password: str, address: str) -> _Claimed:
        claimed = await run_in_threadpool(self._begin, name, address)
        if not await self._passwords.verify(password, claimed.password_hash):
            await run_in_threadpool(self._fail, claimed.user_id)
            raise _wrong()
        return claimed

    def _begin(self, name: str, address: str) -> _Claimed:
        subjects = (self._backoff.name(name), self._backoff.address(address))
        with self._database.write() as session:
            self._backoff.count(session, subjects, self._clock())
            user = repository.by_name(session, name)
            if user is None or user.disabled_at is not None:
                return _Claimed(None, None)
            return _Claimed(user.id, user.password_hash)

    def _fail(self, user_id: str | None) -> None:
        # What was typed as the name may well be a password, so only a person's id is kept.
        body = {} if user_id is None else {"user": user_id}
        with self._database.write() as session:
            draft = Draft(EventKind.SIGN_IN_FAILED, SYSTEM, self._clock(), body=body)
            self._audit.append(session, draft)

    def _open(self, claimed: _Claimed, name: str, address: str, renewed: str | None) -> str:
        with self._database.write() as session:
            user = self._still(session, claimed)
            user.password_hash = renewed or user.password_hash
            self._backoff.forgive(session, self._backoff.name(name), self._backoff.address(address))
            self._clear_away(session)
            token = self._start(session, user.id)
            self._log(session, EventKind.SIGNED_IN, user_id=user.id)
        return token

    def _use_link(self, token: str, kept: str) -> str:
        with self._database.write() as session:
            # The person before the link, as where they are disabled: crosswise, both would wait.
            repository.lock_holder(session, hash_token(token))
            found = repository.usable_link(session, hash_token(token), self._clock())
            if found is None:
                raise _spent()
            link, user = found
            link.used_at = self._clock()
            user.password_hash = kept
            repository.end_sessions(session, user.id)
            # Whoever guessed at the old password shall not keep out the holder of a new one.
            self._backoff.forget(session, self._backoff.name(user.name))
            opened = self._start(session, user.id)
            self._log(session, EventKind.PASSWORD_SET, EventKind.SIGNED_IN, user_id=user.id)
        return opened

    def _change(self, claimed: _Claimed, browser: SignedIn, address: str, kept: str) -> None:
        with self._database.write() as session:
            user = self._still(session, claimed)
            user.password_hash = kept
            repository.end_sessions(session, user.id, but=browser.session)
            name = self._backoff.name(user.name)
            self._backoff.forgive(session, name, self._backoff.address(address))
            self._log(session, EventKind.PASSWORD_SET, user_id=user.id)

    def _still(self, session: Session, claimed: _Claimed) -> User:
        """The person who was proven, unless disabled or given another password meanwhile."""
        assert claimed.user_id is not None
        user = repository.locked(session, claimed.user_id)
        if user.disabled_at is not None or user.password_hash != claimed.password_hash:
            raise _wrong()
        return user

    def _start(self, session: Session, user_id: str) -> str:
        token, now = new_token(), self._clock()
        session.add(
            models.Session(
                token_hash=hash_token(token),
                user_id=user_id,
                created_at=now,
                seen_at=now,
                expires_at=now + self._lifetime,
            )
        )
        return token

    def _is_live(self, row: models.Session, user: User) -> bool:
        now = self._clock()
        fresh = now < row.expires_at and now < row.seen_at + self._idle
        return fresh and user.disabled_at is None

    def _clear_away(self, session: Session) -> None:
        now = self._clock()
        repository.end_expired_sessions(session, now, now - self._idle)
        self._backoff.forget_old(session, now)

    def _log(self, session: Session, *kinds: EventKind, user_id: str) -> None:
        drafts = (Draft(kind, actor_id(user_id), self._clock()) for kind in kinds)
        self._audit.append(session, *drafts)


def _wrong() -> WrongPasswordError:
    return WrongPasswordError("nobody has this name and this password. Check both and try again.")


def _spent() -> LinkSpentError:
    return LinkSpentError(
        "it was used, or has expired, or is not complete. Whoever runs this server can make a new "
        "one."
    )
