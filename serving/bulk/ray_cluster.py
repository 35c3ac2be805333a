"""Reaching a Ray cluster, or starting one on this machine for the length of a run."""

from __future__ import annotations

import logging
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from typing import Any, TextIO, cast

from classifier.errors import UsageError
from serving.bulk.errors import ClusterError

_CONNECT_SECONDS = 10.0


@contextmanager
def connected(address: str | None, processes: int | None) -> Iterator[int]:
    """Connect to the cluster at `address`, or start one here, and give its number of processors.

    `address` is `HOST:PORT`, or `auto` for the cluster that this machine is a node of; None starts
    a cluster of this machine alone that ends with the block, with room for `processes`.

    Raises:
        UsageError: Ray is not installed, or the address is of a kind that does not work.
        ClusterError: no cluster answers there, or only one without processors.
    """
    if address is not None:
        _expect_answer(address)
    # Read by Ray as it is imported and started. Records and progress are all that a run prints,
    # and no figures about the use of a moderation service leave the machine.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise UsageError(
            f"--engine ray needs the extra `ray` ({error}): pip install 'lurewatch[ray]'"
        ) from error
    for handler in logging.getLogger("ray.data").handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setLevel(logging.CRITICAL)  # its log file says more
    with redirect_stdout(cast(TextIO, _OnlyBytes(sys.stdout))), ExitStack() as stack:
        stack.callback(ray.shutdown)
        if address is None:
            room = max(len(os.sched_getaffinity(0)), processes or 0)
            _start(address="local", num_cpus=room, include_dashboard=False)
        else:
            _start(address=address)
        processors = int(ray.cluster_resources().get("CPU", 0))
        if not processors:
            raise ClusterError("none of its nodes has a processor to offer; start one that has")
        yield processors


class _OnlyBytes:
    """Standard output for records, which are bytes. What Ray prints there about its nodes, as
    text, goes to standard error instead.
    """

    def __init__(self, stdout: TextIO) -> None:
        self._stdout = stdout

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stdout, name)


def _start(**settings: Any) -> None:
    import ray

    try:
        ray.init(log_to_driver=False, logging_level=logging.ERROR, **settings)
    except (OSError, RuntimeError, ValueError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise ClusterError(f"{settings['address']}: {reason}") from error


def _expect_answer(address: str) -> None:
    """Ask before Ray does, which tries a dead address for minutes."""
    if address == "auto":
        return
    host, _, port = address.rpartition(":") if ":" in address else (address, "", "6379")
    if "/" in address or not port.isdecimal():
        raise UsageError(
            f"expected HOST:PORT or auto as the address of the cluster, found {address}; start the"
            " command on a node of the cluster"
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), _CONNECT_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise ClusterError(
            f"no cluster answers at {address} ({error}); start one with `ray start --head`, or"
            " leave the address out to use this machine alone"
        ) from error
