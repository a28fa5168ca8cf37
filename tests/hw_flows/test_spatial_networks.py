# SPDX-License-Identifier: BSD-3-Clause
"""Layers that move or interpolate pixels: each step keeps the answer, and the hardware is bit-exact."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.hw_flows.spatial_networks import IN_HARDWARE, NETWORKS, REFUSED, export
from tests.hw_flows.whole_way import after_every_step_right, bit_exact_in_hardware, refused_before_any_step


@pytest.mark.parametrize("name", sorted(NETWORKS.keys() - set(IN_HARDWARE)))
def test_every_step_keeps_the_answer(name: str, tmp_path: Path) -> None:
    after_every_step_right(export(name, NETWORKS[name], tmp_path / "net.onnx", dynamo=False), tmp_path)


@pytest.mark.parametrize("name", IN_HARDWARE)
def test_the_hardware_is_bit_exact(name: str, tmp_path: Path) -> None:
    output = bit_exact_in_hardware(export(name, NETWORKS[name], tmp_path / "net.onnx", dynamo=False), tmp_path)
    fifos = json.loads((output / "report" / "fifos.json").read_text())["fifos"]
    skips = [fifo for fifo in fifos if "skip" in fifo]
    assert all(fifo["depth"] >= fifo["lower_bound"] > 0 for fifo in skips)
    assert skips or "skips" not in name, "a crop on the way is no end of a skip connection"


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_hardware_is_refused_in_the_networks_own_words(name: str, tmp_path: Path) -> None:
    make, words = REFUSED[name]
    error = refused_before_any_step(export(name, make, tmp_path / "net.onnx", dynamo=False), words)
    assert "Transpose" not in error.what
