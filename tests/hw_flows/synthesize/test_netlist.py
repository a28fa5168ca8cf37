# SPDX-License-Identifier: BSD-3-Clause
"""The netlist against its RTL, by proof: started from zero, no input makes any output differ within 20 cycles."""

import re

import pytest

from hw_flows.families import find_family
from hw_flows.machine.tools import ToolError
from hw_flows.machine.yosys import run_yosys
from hw_flows.synthesize import SynthesizedNetlist, write_netlists

from .conftest import operator

CASES = (
    operator("gray", "gray_counter", BITS=5),
    operator("delay", "delay_line", WIDTH=2, DEPTH=6),
    operator("product", "multiply", BITS=4),
)


def netlist_of(instance, rtl, log) -> SynthesizedNetlist:
    return write_netlists([instance], rtl, rtl, family=find_family("xc7"), log=log)[instance.name]


def prove_equal(instance, rtl, netlist, log):
    parameters = " ".join(f"-G {k}={v}" for k, v in instance.parameters.items())
    script = (
        f"read_verilog {netlist.path.name}\nread_verilog {netlist.cell_models}\n"
        f"hierarchy -top {netlist.module}\nproc\nflatten\nsetattr -mod -unset top *\n"
        f"read_slang --threads 1 --top {instance.module} {parameters} {instance.sources[0]}\n"
        f"miter -equiv -flatten {instance.module} {netlist.module} miter\n"
        "hierarchy -top miter\nproc\nmemory_map\nasync2sync\nopt\n"
        "sat -verify -set-init-zero -seq 20 -prove trigger 0 miter\n"
    )
    run_yosys(script, rtl, log=log, limit_seconds=300)


@pytest.mark.parametrize("instance", CASES, ids=lambda i: i.name)
def test_a_netlist_is_made_of_vendor_cells_and_does_what_the_rtl_does(instance, rtl, tmp_path):
    netlist = netlist_of(instance, rtl, tmp_path / "log")
    text = netlist.path.read_text()
    assert f"module {netlist.module}(" in text
    assert re.search(r"\b(LUT2|SRL16E|DSP48E1)\b", text)
    prove_equal(instance, rtl, netlist, tmp_path / "proof.log")


def test_the_proof_notices_a_wrong_netlist(rtl, tmp_path):
    instance = CASES[0]
    netlist = netlist_of(instance, rtl, tmp_path / "log")
    text = netlist.path.read_text()
    init = re.search(r"\.INIT\((\d+'h)([0-9a-f])", text)
    assert init is not None
    flipped = f"{int(init[2], 16) ^ 1:x}"
    netlist.path.write_text(text[: init.start(2)] + flipped + text[init.end(2) :])
    with pytest.raises(ToolError):
        prove_equal(instance, rtl, netlist, tmp_path / "proof.log")
