# SPDX-License-Identifier: BSD-3-Clause
"""Branches of different scales that are joined keep the network's answer in every step, up to bit-exact RTL."""

from pathlib import Path

import pytest

from tests.hw_flows.joined import NETWORKS, REFUSED
from tests.hw_flows.whole_way import after_every_step_right, bit_exact_in_hardware, refused_before_any_step
from tests.hw_flows.written_differently import export

#: A build of these asks the same after each step, and then the hardware.
IN_HARDWARE = ("U-Net", "zero points", "three branches of three scales")


@pytest.mark.parametrize("name", sorted(NETWORKS.keys() - set(IN_HARDWARE)))
def test_every_step_keeps_the_answer(name: str, tmp_path: Path) -> None:
    model = after_every_step_right(export(name, NETWORKS[name], tmp_path / "net.onnx", dynamo=False), tmp_path)
    assert model.get_nodes_by_op_type("OpenScaledAdd_rtl")


@pytest.mark.parametrize("name", IN_HARDWARE)
def test_the_hardware_is_bit_exact(name: str, tmp_path: Path) -> None:
    bit_exact_in_hardware(export(name, NETWORKS[name], tmp_path / "net.onnx"), tmp_path)


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_hardware_is_refused_in_the_networks_own_words(name: str, tmp_path: Path) -> None:
    make, words = REFUSED[name]
    refused_before_any_step(export(name, make, tmp_path / "net.onnx", dynamo=False), words)
