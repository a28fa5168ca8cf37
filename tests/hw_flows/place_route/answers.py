# SPDX-License-Identifier: BSD-3-Clause
"""Modules of one cell whose pins are ports, and what a netlist answers to random values there."""

from __future__ import annotations

from typing import Any

import numpy as np

from hw_flows.families import find_family
from hw_flows.families.netlist import Netlist
from hw_flows.gate_level.simulator import LANES, NetlistSimulator

CYCLES = 400
Buses = dict[str, list[Any]]


def one_cell(kind: str, parameters: dict[str, str], inputs: Buses, outputs: Buses) -> dict[str, Any]:
    """Yosys' JSON; each input with a net is a port, but the pins of the clock, which is `clk`."""
    cell = {
        "type": kind,
        "parameters": parameters,
        "attributes": {},
        "port_directions": {**dict.fromkeys(inputs, "input"), **dict.fromkeys(outputs, "output")},
        "connections": {**inputs, **outputs},
    }
    clock = next(bits for name, bits in inputs.items() if "CLK" in name)
    told = {
        name: sorted({bit for bit in bits if isinstance(bit, int)})
        for name, bits in inputs.items()
        if "CLK" not in name
    }
    ports = {"clk": {"direction": "input", "bits": clock}}
    ports |= {name: {"direction": "input", "bits": bits} for name, bits in told.items() if bits}
    ports |= {name: {"direction": "output", "bits": bits} for name, bits in outputs.items()}
    return {"modules": {"top": {"attributes": {}, "ports": ports, "cells": {"cell": cell}, "netnames": {}}}}


def answers(netlist: dict[str, Any]) -> dict[str, np.ndarray]:
    random = np.random.default_rng(1)
    ports = netlist["modules"]["top"]["ports"]
    stimulus = {
        name: random.integers(0, 2, (CYCLES, LANES, len(port["bits"])), dtype=np.uint8)
        for name, port in ports.items()
        if port["direction"] == "input" and name != "clk"
    }
    return NetlistSimulator(Netlist(netlist, "test"), find_family("xc7")).trace(stimulus)
