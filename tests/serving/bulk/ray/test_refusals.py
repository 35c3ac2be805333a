from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from classifier.errors import ArtifactMissingError, UsageError
from serving.bulk.errors import ClusterError
from serving.bulk.ray_engine import RayOptions, open_engine
from serving.bulk.scoring import Chunk


def test_without_the_extra_the_message_names_it(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with (
        pytest.raises(UsageError, match=r"lurewatch\[ray\]"),
        open_engine(model_folder, RayOptions()),
    ):
        raise AssertionError("unreachable")


def test_a_cluster_that_does_not_answer_is_named(model_folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        address = "{}:{}".format(*taken.getsockname())
        with (
            pytest.raises(ClusterError, match=f"answers at {address}"),
            open_engine(model_folder, RayOptions(address)),
        ):
            raise AssertionError("unreachable")


@pytest.mark.parametrize("address", ["ray://head:10001", "head:port", "head:6379/x"])
def test_an_address_of_another_kind_is_refused(model_folder: Path, address: str) -> None:
    with (
        pytest.raises(UsageError, match="expected HOST:PORT"),
        open_engine(model_folder, RayOptions(address)),
    ):
        raise AssertionError("unreachable")


def test_a_missing_model_is_named_before_a_cluster_is_asked(tmp_path: Path) -> None:
    with (
        pytest.raises(ArtifactMissingError),
        open_engine(tmp_path, RayOptions("127.0.0.1:1")),
    ):
        raise AssertionError("unreachable")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning:ray")
def test_a_worker_of_another_version_ends_the_run_and_says_which(
    cluster: Any, model_folder: Path, chunks: list[Chunk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serving.bulk.ray_engine.package_version", lambda: "9.9")
    with (
        open_engine(model_folder, RayOptions(cluster.address, 1)) as engine,
        pytest.raises(ClusterError, match=r"expected lurewatch 9\.9 on every node"),
    ):
        list(engine(chunks))
