"""Taking the port."""

from __future__ import annotations

import errno
import resource
import socket

from classifier.errors import UsageError

BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """The port, for this program alone. Raises `UsageError` where it cannot be had."""
    return _taken(host, port, shared=False)


def listen_together(host: str, port: int, count: int) -> list[socket.socket]:
    """`count` sockets on one port, over which the kernel spreads the connections.

    Raises `UsageError` where the port cannot be had: another program's workers could share it.
    """
    with listen(host, port) as alone:
        port = alone.getsockname()[1]
    return [_taken(host, port, shared=True) for _ in range(count)]


def allow_connections() -> None:
    """Open as many files as the system lets this process: each client holds one.

    Many systems start with 1,024, which a full queue of single posts would pass.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def address_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _taken(host: str, port: int, *, shared: bool) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.create_server(
            address[:2], family=family, backlog=BACKLOG, reuse_port=shared
        )
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
