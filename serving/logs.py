"""One JSON object a line on stderr. No log entry ever holds a text, or what quotes one."""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

FACTS = "facts"
"""The `extra` key whose mapping is written into the entry."""


class JsonFormatter(logging.Formatter):
    """Writes time, level, logger, message and facts.

    Of an exception it writes the type and the frames. Its message is left out: validation and
    database errors quote what they choke on.
    """

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, FACTS, {}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            entry["error"] = type(error).__name__
            entry["frames"] = [
                f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(error.__traceback__)
            ]
        return json.dumps(entry, ensure_ascii=True, default=str)


def configure_logging(stream: TextIO) -> None:
    """Send this program's logs, and the warnings of the libraries it stands on, to `stream`."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in ("lurewatch", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.INFO)
