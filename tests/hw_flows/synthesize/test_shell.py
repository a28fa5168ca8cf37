# SPDX-License-Identifier: BSD-3-Clause
"""The netlist that is routed: shell and accelerator linked, as a board at gate level; and one that is wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hw_flows.drivers.errors import BoardError
from hw_flows.drivers.mmio import MmioBoard
from hw_flows.families import find_family
from hw_flows.families.netlist import Netlist
from hw_flows.machine.errors import UserError
from hw_flows.place_route.nextpnr_xilinx_limits import require_supported
from hw_flows.shells.zynq7.simulated import SimulatedBus, compile_zynq7_netlist
from hw_flows.synthesize import link_operators, synthesize_operators
from hw_flows.synthesize.shell import netlist_with_shell
from tests.hw_flows.shells.zynq7.simulated import Simulated

XC7 = find_family("xc7")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A board with the loop-back accelerator, and the folder with its netlist."""
    folder = tmp_path_factory.mktemp("xc7")
    simulated = Simulated(folder, (1, 5, 5, 1), 3, 1)
    linked = folder / "synthesis" / "quantunet_accel.json"
    operators = synthesize_operators(simulated.accelerator, simulated.rtl, XC7, logs=folder / "logs")
    link_operators(
        simulated.accelerator, operators, simulated.rtl, XC7, destination=linked, log=folder / "logs" / "link.log"
    )
    netlist_with_shell(
        simulated.shell, XC7, simulated.accelerator, simulated.rtl, linked, folder / "place_route", folder / "logs"
    )
    return simulated, folder / "place_route"


def models(netlist: Path) -> Path:
    return XC7.write_cell_models(netlist.with_name("cells.v"))


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
    netlist = Netlist.load(folder / "netlist.json", simulated.shell.top)
    number = netlist.count()
    assert number["PS7"] == 1 and number["BUFG"] == 1 and number["SRLC32E"] == 3
    assert "SRL16E" not in number, "the reset's synchronizer must stay flip-flops"
    require_supported(netlist.cells())


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
        netlist_with_shell(
            simulated.shell, XC7, simulated.accelerator, simulated.rtl, tmp_path / "no.json", tmp_path, tmp_path
        )
