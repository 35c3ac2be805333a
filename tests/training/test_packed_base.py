from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from classifier.errors import ArtifactMismatchError
from classifier.tokenizer import SPECIAL_PIECES
from classifier.word_table import pack, unpack
from training.packed_base import packed_base_path, read_packed_base

PIECES = (("<s>", 0.0), ("▁boat", -5.5), ("船", -7.25))
FLOATS = np.array([1.5, -2.0, 3.0], np.float32)
ROWS = unpack(pack(np.random.default_rng(0).normal(0, 1, (2, 64)).astype(np.float32)))


def write_packed(path: Path) -> Path:
    """A file in the package's layout: three pieces, one float32 tensor, one in blocks."""
    encoded = [piece.encode() for piece, _ in PIECES]
    offsets = np.cumsum([0, *map(len, encoded)]).astype(np.uint32)
    blob = b"".join(encoded)
    head = b"E5S1" + struct.pack("<i7ifi", 1, 64, 2, 4, 128, len(PIECES), 32, 2, 1e-12, 32)
    head += struct.pack("<i4iQ", len(PIECES), 0, 2, 1, 3, len(blob))
    head += offsets.tobytes() + np.array([s for _, s in PIECES], np.float32).tobytes() + blob
    head += struct.pack("<iI", 0, 3) + b"map"
    bodies = {"emb.ln.w": (0, len(FLOATS), FLOATS.tobytes())}
    bodies["emb.word"] = (1, ROWS.size, pack(ROWS).tobytes())
    directory_bytes = 4 + sum(2 + len(name) + struct.calcsize("<BIQQ") for name in bodies)
    at = len(head) + directory_bytes
    directory, content = struct.pack("<i", len(bodies)), b""
    for name, (kind, size, body) in bodies.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, size, at + len(content), len(body))
        content += body
    path.write_bytes(head + directory + content)
    return path


def test_a_file_of_this_layout_is_read_back(tmp_path: Path) -> None:
    base = read_packed_base(write_packed(tmp_path / "small.bin"))
    assert (base.hidden, base.layers, base.heads) == (64, 2, 4)
    assert (base.intermediate, base.positions) == (128, 32)
    assert base.layer_norm_eps == pytest.approx(1e-12)
    assert base.pieces == PIECES
    assert set(base.tensors) == {"emb.ln.w", "emb.word"}
    np.testing.assert_array_equal(base.tensors["emb.ln.w"], FLOATS)
    np.testing.assert_array_equal(base.tensors["emb.word"].reshape(2, 64), ROWS)


def test_a_file_that_begins_otherwise_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.bin"
    path.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ArtifactMismatchError, match=r"other\.bin begins with b'GGUF'.*reinstall"):
        read_packed_base(path)


def test_the_installed_package_carries_this_format() -> None:
    with packed_base_path().open("rb") as file:
        header = file.read(36)
    assert header[:4] == b"E5S1"
    hidden, layers, heads, intermediate = struct.unpack_from("<4i", header, 8)
    assert (hidden, layers, heads, intermediate) == (384, 12, 12, 1536)


@pytest.mark.slow
def test_the_whole_package_is_the_base_it_says() -> None:
    base = read_packed_base(packed_base_path())
    assert tuple(piece for piece, _ in base.pieces[:4]) == SPECIAL_PIECES
    assert base.pieces[-1][0] == "<mask>"
    assert base.tensors["emb.word"].size >= len(base.pieces) * base.hidden
    assert all(np.isfinite(values).all() for values in base.tensors.values())
    assert {f"l{layer}.q.w" for layer in range(base.layers)} <= set(base.tensors)
