"""Cuts texts to the model's window beforehand, so that all contenders read the same.

Left to themselves, a pipeline drops what is beyond the window and Lurewatch reads on in further
windows: more work for a better answer, but no comparison of speed.
"""

from __future__ import annotations

from pathlib import Path

from tokenizers import Tokenizer

from classifier.artifact import TOKENIZER, read_manifest
from classifier.text import normalise

_SURELY_FITS = 150
"""Characters. One is a token at most, but for the few that normalise to several."""


class WindowCut:
    """Cuts a text so that it fits the window of `model` both raw and normalised."""

    def __init__(self, model: Path) -> None:
        self._room = read_manifest(model).window.size - 2
        self._tokenizer = Tokenizer.from_file(str(model / TOKENIZER))

    def __call__(self, text: str) -> str:
        if len(text) < min(_SURELY_FITS, self._room // 2):
            return text
        while (tokens := max(self.tokens(text), self.tokens(normalise(text)))) > self._room:
            text = text[: min(len(text) - 1, len(text) * self._room // tokens)]
        return text

    def tokens(self, text: str) -> int:
        """Of the text as it is, without the special ones."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)
