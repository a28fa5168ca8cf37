# SPDX-License-Identifier: BSD-3-Clause
"""However a network is written down, each step of the front end keeps its answer, or it is refused before the first."""

from pathlib import Path

import pytest

from tests.hw_flows import activation_networks
from tests.hw_flows.whole_way import after_every_step_right, bit_exact_in_hardware, refused_before_any_step
from tests.hw_flows.written_differently import NETWORKS, REFUSED, export

ALL = {**NETWORKS, **activation_networks.NETWORKS}
ALL_REFUSED = {**REFUSED, **activation_networks.REFUSED}
IN_HARDWARE = (
    "nested skips",
    "the image is convolved and pooled",
    "one convolution, two batch normalizations of other signs",
    "SiLU before batch normalization of either sign",
    "a scale for each channel, and depthwise convolutions",
    "zero points of 8 bits, pooled, with padding behind",
)


@pytest.mark.parametrize("name", sorted(ALL.keys() - set(IN_HARDWARE)))
def test_every_step_keeps_the_answer(name: str, tmp_path: Path) -> None:
    after_every_step_right(export(name, ALL[name], tmp_path / "net.onnx", dynamo=False), tmp_path)


@pytest.mark.parametrize("name", IN_HARDWARE)
def test_the_hardware_is_bit_exact(name: str, tmp_path: Path) -> None:
    bit_exact_in_hardware(export(name, ALL[name], tmp_path / "net.onnx", dynamo=False), tmp_path)


@pytest.mark.parametrize("name", ALL_REFUSED)
def test_what_has_no_hardware_is_refused_in_the_networks_own_words(name: str, tmp_path: Path) -> None:
    make, words = ALL_REFUSED[name]
    error = refused_before_any_step(export(name, make, tmp_path / "net.onnx", dynamo=False), words)
    assert "Transpose" not in str(error).replace("ConvTranspose", "")
