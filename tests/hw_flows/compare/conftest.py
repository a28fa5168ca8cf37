# SPDX-License-Identifier: BSD-3-Clause
"""Folders of builds with what a comparison reads of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hw_flows.accelerator import Accelerator
from hw_flows.report.files import write_report
from tests.hw_flows.report.drawing.networks import u_net

COST = {"LUT": 100, "FF": 50, "LUTRAM": 10, "SRL": 0, "BRAM36": 0.5, "DSP": 1}
Maker = Callable[..., Path]


def reports_of(accelerator: Accelerator, fps: float, lut: int) -> dict[str, dict[str, Any]]:
    """As the steps write them, as far as they are compared."""
    operators = [{"name": i.name, "op_type": i.op_type, "layer": i.layer, **COST} for i in accelerator.instances]
    return {
        "build": {"model": "demo", "board": "pynq-z2", "fpga_part": "xc7z020clg400-1"},
        "verification": {"bit_exact": True},
        "performance": {
            "clock_mhz": 100.0,
            "cycles_per_frame": round(1e8 / fps),
            "fps": fps,
            "latency_ms": 2.5,
            "macs_per_frame": 3000,
            "mac_units": 6,
            "mac_utilization": 0.5,
            "bottleneck": "MVAU_0",
            "dram_mb_s": 0.0,
        },
        "resources": {"total": COST | {"LUT": lut}, "operators": operators},
        "fifos": {"fifos": [{"name": "StreamingFIFO_100", "depth": 600, "width": 4, "peak": 450}]},
    }


@pytest.fixture
def make(tmp_path: Path) -> Maker:
    """Makes a build of a U in a folder of some name; `weights`: bits of those of the first layer."""

    def made(name: str, fps: float = 1000.0, lut: int = 5000, weights: int = 3, depth: int = 1) -> Path:
        folder = tmp_path / name
        network = u_net(depth)
        network = replace(
            network,
            instances=tuple(
                replace(i, parameters={"WEIGHT_BITS": weights}) if i.name == "MVAU_0" else i for i in network.instances
            ),
        )
        network.save(folder / "rtl" / "accelerator.json")
        for report, content in reports_of(network, fps, lut).items():
            write_report(folder, report, content)
        return folder

    return made
