"""Templates into responses."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

_FOLDER = Path(__file__).parent
STATIC_FOLDER = _FOLDER / "static"


class Renderer:
    """The templates of this package, escaping everything that is put into them."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(_FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["static"] = _static_addresses()

    def page(
        self,
        template: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> Response:
        content = self._environment.get_template(template).render(**values)
        return HTMLResponse(content, status_code=status, headers=headers)


def _static_addresses() -> dict[str, str]:
    """Each static file's address with a mark of its content, so that it may be cached for long."""
    files = {
        path.relative_to(STATIC_FOLDER).as_posix(): path.read_bytes()
        for path in sorted(STATIC_FOLDER.rglob("*"))
        if path.is_file()
    }
    return {
        name: f"/static/{name}?{hashlib.sha256(content).hexdigest()[:12]}"
        for name, content in files.items()
    }
