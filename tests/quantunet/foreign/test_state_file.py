# SPDX-License-Identifier: BSD-3-Clause
"""Files of weights as other programs write them, and what is no such file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from quantunet.foreign.state_file import few, read_weights_file, state_of
from tests.quantunet.refusal import refused

WEIGHTS = {"inc.weight": torch.ones(2), "out.weight": torch.zeros(1)}


@pytest.mark.parametrize(
    "content",
    [
        WEIGHTS,
        {"state_dict": WEIGHTS, "epoch": 3},
        {"model": WEIGHTS, "optimizer": {"state": {}}},
        {"module." + name: tensor for name, tensor in WEIGHTS.items()},
        {"state_dict": {"module." + name: tensor for name, tensor in WEIGHTS.items()}},
    ],
    ids=["plain", "state_dict", "model", "DataParallel", "both"],
)
def test_weights_are_found_however_they_are_wrapped(tmp_path: Path, content: object) -> None:
    torch.save(content, tmp_path / "net.pth")
    state = state_of(read_weights_file(tmp_path / "net.pth"))
    assert list(state) == list(WEIGHTS)
    assert torch.equal(state["inc.weight"], WEIGHTS["inc.weight"])


def test_safetensors_are_read_and_a_file_is_known_by_its_digest(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    files = [tmp_path / "net.safetensors", tmp_path / "elsewhere" / "other.safetensors"]
    for path in files:
        save_file(WEIGHTS, path)
    first, second = (read_weights_file(path) for path in files)
    assert list(state_of(first)) == list(WEIGHTS)
    assert first.sha256 == second.sha256
    assert len(first.sha256) == 64


class _Attack:
    def __init__(self, victim: Path) -> None:
        self.victim = victim

    def __reduce__(self) -> tuple[object, ...]:
        return (open, (str(self.victim), "w"))


def test_code_in_a_file_does_not_run(tmp_path: Path) -> None:
    torch.save({**WEIGHTS, "extra": _Attack(tmp_path / "victim")}, tmp_path / "net.pth")
    with refused("holds more than plain tensors and is not opened"):
        read_weights_file(tmp_path / "net.pth")
    assert not (tmp_path / "victim").exists()


def truncated(path: Path) -> None:
    torch.save(WEIGHTS, path)
    path.write_bytes(path.read_bytes()[:-300])


@pytest.mark.parametrize(
    ("name", "write", "said"),
    [
        ("net.pth", truncated, "is truncated or not a torch file"),
        ("net.pth", lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50)), "is not opened, or is damaged"),
        ("net.onnx", lambda path: path.write_text("a text"), "is not opened, or is damaged|not a torch file"),
        ("net.pth", lambda path: path.write_bytes(b""), "is truncated or not a torch file"),
        ("net.safetensors", lambda path: path.write_text("a text"), "is truncated or not a safetensors file"),
        ("net.pth", lambda path: torch.save([1, 2], path), "holds no tensors by name.*\n.*Give a state dict"),
        ("net.pth", lambda path: torch.save({"state_dict": {"a": 1}}, path), "holds no tensors by name"),
        ("net.pth", lambda path: torch.save({"w": torch.eye(3).to_sparse()}, path), "w is no plain tensor"),
        ("net.pth", lambda path: torch.save({"w": torch.empty(3, device="meta")}, path), "w is no plain tensor"),
    ],
)
def test_what_is_no_file_of_weights_is_refused(
    tmp_path: Path, name: str, write: Callable[[Path], object], said: str
) -> None:
    write(tmp_path / name)
    with refused(said):
        state_of(read_weights_file(tmp_path / name))


def test_of_many_names_a_few_are_told() -> None:
    assert few("abc") == "a, b, c"
    assert few("abcdefg") == "a, b, c, d and 3 more"
    assert few(["x" * 1000]) == "x" * 60 + "..."
