# SPDX-License-Identifier: BSD-3-Clause
"""What `read_torch_file` reads; the files it refuses are also those of tests/quantunet/test_checkpoint.py."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from quantunet.torch_file import read_torch_file
from tests.quantunet.refusal import refused


def test_plain_values_and_tensors_are_read(tmp_path: Path) -> None:
    torch.save({"epoch": 3, "weights": torch.ones(2)}, tmp_path / "some.pth")
    content = read_torch_file(tmp_path / "some.pth", 10_000, "")
    assert content["epoch"] == 3
    assert content["weights"].tolist() == [1, 1]


def test_a_whole_network_and_a_large_file_are_refused(tmp_path: Path) -> None:
    torch.save(nn.Conv2d(1, 1, 1), tmp_path / "network.pth")
    with refused("holds more than plain tensors and is not opened"):
        read_torch_file(tmp_path / "network.pth", 10_000, "")
    with refused("more than the 100 that such a file may have"):
        read_torch_file(tmp_path / "network.pth", 100, "")
