"""Running the application on a port until it is told to stop."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable

import uvicorn

from classifier.classifier import Classifier
from classifier.errors import LurewatchError, UsageError
from serving.app import create_app
from serving.settings import Settings


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
    listener = _listen(settings.host, settings.port)
    failures: list[LurewatchError] = []

    def stop(error: LurewatchError) -> None:
        failures.append(error)
        server.should_exit = True

    with listener:
        server = uvicorn.Server(
            uvicorn.Config(
                create_app(settings, classifier, on_failure=stop),
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="on",
                timeout_graceful_shutdown=settings.shutdown_seconds,
                forwarded_allow_ips=settings.trusted_proxies,
            )
        )
        announce(_address(listener))
        server.run(sockets=[listener])
    if failures:
        raise failures[0]


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.create_server(address[:2], family=family, backlog=2048)
        # asyncio sets this only on sockets that name their protocol, which create_server's do not.
        # Without it every answer waits 40 ms for the client's delayed acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UsageError(
                f"port {port} of {host} is in use by another program. Choose another one with "
                "--port, or stop that program."
            ) from error
        raise UsageError(
            f"{host} port {port} cannot be used ({error.strerror or error}). Check --host and "
            "--port; ports under 1024 are for the system."
        ) from error


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
