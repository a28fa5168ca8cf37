# SPDX-License-Identifier: BSD-3-Clause
"""The netlist that is routed: shell and accelerator linked, as a board at gate level; and one that is wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from hw_flows.drivers.errors import BoardError
from hw_flows.drivers.mmio import MmioBoard
from hw_flows.errors import CheckFailed, UserError
from hw_flows.simulate.cells_xc7 import write_cell_models
from hw_flows.simulate.zynq7_board import SimulatedBus, compile_zynq7_netlist
from hw_flows.synthesize import link_operators, synthesize_operators
from hw_flows.synthesize.shell_xc7 import Cell, cells_of, netlist_with_shell, require_supported
from tests.hw_flows.shells.zynq7.simulated import Simulated


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A board with the loop-back accelerator, and the folder with its netlist."""
    folder = tmp_path_factory.mktemp("xc7")
    simulated = Simulated(folder, (1, 5, 5, 1), 3, 1)
    linked = folder / "synthesis" / "quantunet_accel.json"
    operators = synthesize_operators(simulated.accelerator, simulated.rtl, "xc7", logs=folder / "logs")
    link_operators(
        simulated.accelerator, operators, simulated.rtl, "xc7", destination=linked, log=folder / "logs" / "link.log"
    )
    netlist_with_shell(simulated.shell, simulated.accelerator, linked, folder / "place_route", folder / "logs")
    return simulated, folder / "place_route"


def models(netlist: Path) -> Path:
    return write_cell_models(netlist.with_name("cells.v"))


def run(simulated: Simulated, netlist: Path) -> bool:
    bus = SimulatedBus(
        compile_zynq7_netlist(netlist, models(netlist)), netlist.parent, simulated.shell.link, stalls=0.3
    )
    try:
        return simulated.runs(MmioBoard(simulated.description, bus, grace_seconds=2.0), simulated.frames(20))
    finally:
        bus.close()


def test_the_netlist_does_what_the_rtl_does(built):
    simulated, folder = built
    assert run(simulated, folder / "netlist.v")


def test_a_broken_netlist_is_noticed(built):
    simulated, folder = built
    text = (folder / "netlist.v").read_text()
    assert ".D(\\shell.accelerator.s_axis_tdata [0])" in text  # bit 0 of the accelerator's FIFO
    broken = folder / "broken.v"
    broken.write_text(
        text.replace(".D(\\shell.accelerator.s_axis_tdata [0])", ".D(\\shell.accelerator.s_axis_tdata [1])")
    )
    assert not run(simulated, broken)


def test_cells_are_those_that_place_and_route_can_use(built):
    simulated, folder = built
    cells = cells_of(folder / "netlist.json", simulated.shell.top)
    number = Counter(cell.type for cell in cells)
    assert number["PS7"] == 1 and number["BUFG"] == 1 and number["SRLC32E"] == 3
    assert number["SRL16E"] == 0, "the reset's synchronizer must stay flip-flops"
    require_supported(cells)


@pytest.mark.parametrize(
    "cell, fault",
    [
        (Cell("DSP48E1", {}), "2 times DSP48E1"),
        (Cell("SRL16E", {"INIT": "0000000000000100"}), "shift register with initial bits"),
        (Cell("RAMB36E1", {"RAM_MODE": "SDP "}), "block memory of double width"),
        (Cell("RAMB36E1", {"RAM_EXTENSION_A": "UPPER"}), "cascade of block memories"),
    ],
)
def test_cells_that_place_and_route_gets_wrong_are_refused(cell, fault):
    with pytest.raises(CheckFailed, match=fault):
        require_supported([Cell("LUT6", {"INIT": "1" * 64}), cell, cell])


def test_another_build_is_noticed_at_gate_level(built):
    simulated, folder = built
    bus = SimulatedBus(
        compile_zynq7_netlist(folder / "netlist.v", models(folder / "netlist.v")), folder, simulated.shell.link
    )
    with pytest.raises(BoardError, match="another build"):
        MmioBoard(replace(simulated.description, identity="0" * 16), bus)
    bus.close()


def test_a_missing_netlist_names_the_step(built, tmp_path):
    simulated, _ = built
    with pytest.raises(UserError, match="netlist is missing"):
        netlist_with_shell(simulated.shell, simulated.accelerator, tmp_path / "no.json", tmp_path, tmp_path)
