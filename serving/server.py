"""Running the application in this process until it is told to stop."""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable

import uvicorn

from classifier.classifier import Classifier
from classifier.errors import LurewatchError
from serving.app import create_app
from serving.listening import BACKLOG, address_of, allow_connections, listen
from serving.settings import Settings
from serving.siblings import Siblings


def serve(
    settings: Settings,
    announce: Callable[[str], None],
    *,
    classifier: Classifier | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM, then finish what is being answered.

    `announce` is called with the address as soon as it is taken. Raises `UsageError` where it
    cannot be, and the error of a database or model that cannot be used.
    """
    with listen(settings.host, settings.port) as listener:
        answer(
            settings, listener, classifier=classifier, begin=lambda: announce(address_of(listener))
        )


def answer(
    settings: Settings,
    listener: socket.socket,
    *,
    classifier: Classifier | None = None,
    siblings: Siblings | None = None,
    begin: Callable[[], None] = lambda: None,
) -> None:
    """Answer what comes to `listener`; the same otherwise.

    `begin` is called before the first answer, when the database is known to be usable.
    """
    failures: list[LurewatchError] = []

    def stop(error: LurewatchError) -> None:
        failures.append(error)
        server.should_exit = True

    server = uvicorn.Server(
        uvicorn.Config(
            create_app(settings, classifier, on_failure=stop, siblings=siblings),
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="on",
            backlog=BACKLOG,
            timeout_graceful_shutdown=settings.shutdown_seconds,
            forwarded_allow_ips=settings.trusted_proxies,
        )
    )
    begin()
    allow_connections()
    # What is loaded by now stays. Looking through it for garbage, as Python does every few hundred
    # requests, takes 100 ms in which nothing is answered.
    gc.collect()
    gc.freeze()
    gc.enable()
    server.run(sockets=[listener])
    if failures:
        raise failures[0]
