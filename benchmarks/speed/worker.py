"""The process of one contender: `python -m benchmarks.speed.worker FD NAME`.

It is handed its setting and its texts through a socket, runs them when told, and says what it
took. Only the runs are timed, not what crosses the socket.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection

from benchmarks.speed.contenders.contender import Contender, Name, build
from benchmarks.speed.messages import Done, Failed, Ready, Task
from benchmarks.speed.resources import cpu_seconds, peak_mib


def run(contender: Contender, task: Task) -> Done:
    cpu, began = cpu_seconds(), time.perf_counter()
    judgements = contender.judge(task.texts, task.batch)
    seconds = time.perf_counter() - began
    return Done(tuple(judgements), seconds, cpu_seconds() - cpu, peak_mib())


def main(arguments: Sequence[str]) -> None:
    descriptor, name = arguments
    with Connection(int(descriptor)) as parent:
        try:
            setting, began = parent.recv(), time.perf_counter()
            contender = build(Name(name), setting)
            parent.send(Ready(contender.batches, time.perf_counter() - began))
            while (task := parent.recv()) is not None:
                parent.send(run(contender, task))
        except EOFError:  # the parent is gone
            return
        except Exception as error:
            parent.send(Failed(f"{type(error).__name__}: {error}"))
            raise


if __name__ == "__main__":
    main(sys.argv[1:])
