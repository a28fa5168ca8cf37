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
from hw_flows.shells.zynq7.memory import CONSTANTS, WRITES
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
    design = FromMemory(tmp_path_factory.mktemp("memory"), ports=1, units=2, waiting=(1,))
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


def test_what_works_on_memory_counts_as_operators_and_in_the_total(built):
    _, report, netlist, _ = built
    rows = {row["name"]: row for row in report["operators"]}
    reader, keeper = rows["weight_reader"], rows["stream_keeper"]
    assert (reader["op_type"], reader["BRAM36"]) == ("WeightReader", 2)
    assert (keeper["op_type"], keeper.get("BRAM36", 0)) == ("StreamKeeper", 0)
    beside = reader["LUT"] + keeper["LUT"]
    others = sum(row["LUT"] for row in rows.values()) - beside
    assert report["fits"] and reader["LUT"] > 300 and keeper["LUT"] > 300
    assert others < report["total"]["LUT"] <= others + beside
    cells = {name: number for name, number in netlist.count().items() if name not in ("PS7", "BUFG")}
    whole: Resources = count_resources(cells, XC7)
    assert 0 < whole.LUT - report["total"]["LUT"] < SHELL_LUT
    assert 0 < whole.BRAM36 - report["total"]["BRAM36"] <= SHELL_BRAM36


def test_the_netlist_uses_hp_ports_and_open_tools_can_route_it(built):
    design, _, netlist, _ = built
    require_supported(netlist.cells())
    whole = json.loads((design.folder / "place_route" / "netlist.json").read_text())
    cells = whole["modules"][design.shell.top]["cells"].values()
    (pins,) = [cell["connections"] for cell in cells if cell["type"] == "PS7"]
    wanted = {f"SAXIHP0AR{name}": value for name, value in CONSTANTS.items()}
    wanted |= {f"SAXIHP2A{channel}{name}": value for channel in "RW" for name, value in CONSTANTS.items()}
    wanted |= {f"SAXIHP2{name}": value for name, value in WRITES.items()}
    for pin, value in wanted.items():
        bits, base, digits = re.fullmatch(r"(\d+)'([bdh])(\w+)", value).groups()
        number = int(digits, {"b": 2, "d": 10, "h": 16}[base])
        assert pins[pin] == ["1" if number >> bit & 1 else "0" for bit in range(int(bits))], pin
    for pin in ("SAXIHP0ARADDR", "SAXIHP2ARADDR", "SAXIHP2AWADDR"):
        assert set(pins[pin][:7]) == {"0"}, "bursts begin on 128 bytes"
    assert pins["SAXIHP0ACLK"] == pins["SAXIHP2ACLK"] == pins["MAXIGP0ACLK"]
    assert pins["SAXIHP0AWVALID"] == pins["SAXIHP0WVALID"] == ["0"], "only the port of the streams is written to"
    assert not [pin for pin in pins if pin.startswith(("SAXIHP1", "SAXIHP3")) and "1" in pins[pin]]


def test_a_board_without_a_way_to_the_memory_is_refused(built):
    design, _, _, cfg = built
    with pytest.raises(UserError, match="this board has no way to the memory"):
        load_step("step_synthesize")(design.stitched.model, cfg.model_copy(update={"board": "kv260"}))
