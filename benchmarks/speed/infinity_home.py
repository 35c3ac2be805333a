"""An environment for infinity-emb, whose requirements contradict those of the project."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from benchmarks.speed.errors import ContenderError

REQUIREMENTS = ("infinity-emb[server,torch]==0.0.78",)
"""0.0.78 keeps to transformers before 5 and to NumPy before 2."""

_INSTALL_SECONDS = 900
_COMPLETE = "complete"


def is_installed(folder: Path) -> bool:
    """Whether the environment in `folder` is there, whole."""
    return (folder / _COMPLETE).is_file()


def infinity_python(folder: Path) -> Path:
    """The Python of the environment in `folder`, made first where it is not there.

    It gets the project's version of torch, the same arithmetic as the pipeline.

    Raises:
        ContenderError: it cannot be installed here.
    """
    python = folder / "bin" / "python"
    if is_installed(folder):
        return python
    try:
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        torch = f"torch=={version('torch').partition('+')[0]}"
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, *REQUIREMENTS, torch])
        _run([str(python), "-c", "import infinity_emb"])
    except subprocess.TimeoutExpired as error:
        raise ContenderError(f"installing it took more than {error.timeout:.0f} s") from error
    except subprocess.CalledProcessError as error:
        lines = [line for line in str(error.stderr).splitlines() if line.strip()]
        raise ContenderError(f"it cannot be installed: {lines[-1] if lines else error}") from error
    (folder / _COMPLETE).touch()
    return python


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=_INSTALL_SECONDS)
