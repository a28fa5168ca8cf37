# SPDX-License-Identifier: BSD-3-Clause
"""A design whose weights come from memory: what reads them counts, and is in the netlist that is routed."""

from __future__ import annotations

import json
import re

import pytest

from hw_flows.config import BuildConfig
from hw_flows.families import find_family
from hw_flows.families.netlist import Netlist
from hw_flows.families.resources import Resources
from hw_flows.machine.errors import UserError
from hw_flows.place_route.nextpnr_xilinx_limits import require_supported
from hw_flows.shells.zynq7.memory import CONSTANTS
from hw_flows.steps import load_step
from hw_flows.synthesize.cells import count_resources
from hw_flows.synthesize.shell import netlist_with_shell
from tests.hw_flows.shells.zynq7.from_memory import FromMemory

XC7 = find_family("xc7")
#: What the shell takes beside accelerator and reader; two FIFOs of a RAMB36 each at most.
SHELL_LUT, SHELL_BRAM36 = 450, 2


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The design, its `report/resources.json`, and the netlist of the whole."""
    design = FromMemory(tmp_path_factory.mktemp("memory"), ports=1, units=1)
    design.accelerator.save(design.rtl / "accelerator.json")
    cfg = BuildConfig(model=design.folder / "none.onnx", output_dir=design.folder, board="pynq-z2", flow="none", jobs=1)
    load_step("step_synthesize")(design.stitched.model, cfg)
    report = json.loads((design.folder / "report" / "resources.json").read_text())
    linked = design.folder / "synthesis" / "quantunet_accel.json"
    folder = design.folder / "place_route"
    netlist_with_shell(
        design.shell, XC7, design.accelerator, design.rtl, linked, folder, design.folder / "logs" / "bitstream"
    )
    return design, report, Netlist.load(folder / "netlist.json", design.shell.top), cfg


def test_the_reader_counts_as_an_operator_and_in_the_total(built):
    _, report, netlist, _ = built
    (reader,) = [row for row in report["operators"] if row["name"] == "weight_reader"]
    assert (reader["op_type"], reader["BRAM36"]) == ("WeightReader", 2)
    others = sum(row["LUT"] for row in report["operators"]) - reader["LUT"]
    assert report["fits"] and reader["LUT"] > 300
    assert others < report["total"]["LUT"] <= others + reader["LUT"]
    cells = {name: number for name, number in netlist.count().items() if name not in ("PS7", "BUFG")}
    whole: Resources = count_resources(cells, XC7)
    assert 0 < whole.LUT - report["total"]["LUT"] < SHELL_LUT
    assert 0 < whole.BRAM36 - report["total"]["BRAM36"] <= SHELL_BRAM36


def test_the_netlist_reads_through_an_hp_port_and_open_tools_can_route_it(built):
    design, _, netlist, _ = built
    require_supported(netlist.cells())
    whole = json.loads((design.folder / "place_route" / "netlist.json").read_text())
    cells = whole["modules"][design.shell.top]["cells"].values()
    (pins,) = [cell["connections"] for cell in cells if cell["type"] == "PS7"]
    for name, value in CONSTANTS.items():
        bits, digits = re.split(r"'[bd]", value)
        number = int(digits, 2 if "'b" in value else 10)
        wanted = ["1" if number >> bit & 1 else "0" for bit in range(int(bits))]
        assert pins[f"SAXIHP0{name}"] == wanted, name
    assert set(pins["SAXIHP0ARADDR"][:7]) == {"0"}, "bursts begin on 128 bytes"
    assert pins["SAXIHP0ACLK"] == pins["MAXIGP0ACLK"]
    assert not [pin for pin in pins if pin.startswith(("SAXIHP1", "SAXIHP2", "SAXIHP3")) and "1" in pins[pin]]


def test_a_board_without_a_way_to_the_memory_is_refused(built):
    design, _, _, cfg = built
    with pytest.raises(UserError, match="this board has no way to the memory"):
        load_step("step_synthesize")(design.stitched.model, cfg.model_copy(update={"board": "kv260"}))
