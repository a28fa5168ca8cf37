# SPDX-License-Identifier: BSD-3-Clause
"""Synthesis takes the modules as they are written, and what they take is what their cost says."""

from __future__ import annotations

from pathlib import Path

import pytest

from hw_flows.accelerator import Instance
from hw_flows.families import find_family
from hw_flows.operators.base import Cost
from hw_flows.stream_memory.cost import rings_cost
from hw_flows.stream_memory.ring import Ring
from hw_flows.stream_memory.write import MODULE, SOURCES, write_rings
from hw_flows.synthesize import yosys
from hw_flows.synthesize.cells import count_resources


def test_the_cost_is_what_synthesis_counts(tmp_path: Path) -> None:
    family = find_family("xc7")
    bits = (16, 128)
    for source in SOURCES:
        (tmp_path / source.name).write_text(source.read_text())
    (tmp_path / f"{MODULE}.sv").write_text(write_rings([Ring(str(b), b, 100, 1 << 17) for b in bits]))
    instance = Instance(
        name="rings",
        op_type="StreamMemory",
        module=MODULE,
        parameters={},
        memories=(),
        sources=(*(source.name for source in SOURCES), f"{MODULE}.sv"),
        inputs=(),
        outputs=(),
        layer="",
        expected_cycles=0,
        macs=0,
        mac_units=0,
        cost={},
    )
    netlist = yosys.map_operators({"rings": instance}, tmp_path, family, tmp_path / "yosys.log")["rings"]
    cells: dict[str, int] = {}
    for line in netlist.splitlines():
        if line.strip().startswith("cell "):
            cell = line.split()[1].removeprefix("\\")
            cells[cell] = cells.get(cell, 0) + 1
    found = count_resources(cells, family)
    cost = rings_cost(bits)
    assert pytest.approx(cost.lut, rel=0.1) == found.LUT
    assert pytest.approx(cost.ff, rel=0.1) == found.FF
    assert pytest.approx(cost.lutram, rel=0.05) == found.LUTRAM
    assert (found.BRAM36, found.DSP) == (0, 0)


def test_more_streams_cost_more_and_nothing_costs_block_memory() -> None:
    one, two = rings_cost([24]), rings_cost([24, 24])
    assert two.lut > one.lut and two.ff > one.ff and two.bram36 == 0
    assert rings_cost([]) == Cost(lut=10, ff=205)
