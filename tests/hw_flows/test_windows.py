# SPDX-License-Identifier: BSD-3-Clause
"""Networks with pools, depthwise and dilated convolutions keep their answer in every step, and in the simulated hardware."""

from pathlib import Path

import pytest

from tests.hw_flows.whole_way import bit_exact_in_hardware
from tests.hw_flows.windows import NETWORKS
from tests.hw_flows.written_differently import export


@pytest.mark.parametrize("name", NETWORKS)
def test_the_hardware_is_bit_exact(name: str, tmp_path: Path) -> None:
    bit_exact_in_hardware(export(name, NETWORKS[name], tmp_path / "net.onnx", dynamo=False), tmp_path)
