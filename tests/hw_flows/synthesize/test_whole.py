# SPDX-License-Identifier: BSD-3-Clause
"""Operators' netlists linked into one: as big as a flat synthesis, and it does what the operators do."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp
from qonnx.util.basic import gen_finn_dt_tensor, qonnx_make_model

from hw_flows.accelerator import Accelerator, Endpoint, Instance, StreamPort
from hw_flows.families import find_family
from hw_flows.machine.errors import UserError
from hw_flows.machine.tools import ToolError
from hw_flows.machine.yosys import run_yosys
from hw_flows.operators import RTL_DOMAIN, register
from hw_flows.simulate import RunOptions, compile_simulator, run
from hw_flows.stitch import describe, write_operators, write_top
from hw_flows.stitch.write import port_prefixes
from hw_flows.synthesize import link_operators, synthesize_operators, yosys
from hw_flows.synthesize.cells import count_resources
from hw_flows.synthesize.operators import count_cells, read_netlist

XC7 = find_family("xc7")

CHAIN = (
    (
        "OpenFMPadding_rtl",
        {"ImgDim": [6, 6], "Padding": [1, 1, 1, 1], "NumChannels": 4, "SIMD": 2, "inputDataType": "UINT3"},
    ),
    (
        "OpenStreamingFIFO_rtl",
        {"depth": 20, "folded_shape": [1, 8, 8, 2, 2], "normal_shape": [1, 8, 8, 4], "dataType": "UINT3"},
    ),
    (
        "OpenStreamingMaxPool_rtl",
        {"ImgDim": [8, 8], "PoolDim": [2, 2], "NumChannels": 4, "PE": 2, "inputDataType": "UINT3"},
    ),
)
SHAPES = ((1, 6, 6, 4), (1, 8, 8, 4), (1, 8, 8, 4), (1, 4, 4, 4))


def chain() -> ModelWrapper:
    """One operator behind the other; tensor t<k> goes into node k."""
    register()
    nodes = [
        helper.make_node(
            op, [f"t{k}"], [f"t{k + 1}"], name=f"op{k}", domain=RTL_DOMAIN, backend="fpgadataflow", **attributes
        )
        for k, (op, attributes) in enumerate(CHAIN)
    ]
    first, last = (helper.make_tensor_value_info(f"t{k}", TensorProto.FLOAT, SHAPES[k]) for k in (0, len(CHAIN)))
    return ModelWrapper(qonnx_make_model(helper.make_graph(nodes, "chain", [first], [last])))


@pytest.fixture(scope="module")
def design(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModelWrapper, Accelerator, Path]:
    model, rtl = chain(), tmp_path_factory.mktemp("chain") / "rtl"
    accelerator = describe(model, "chain")
    write_operators(model, accelerator, rtl)
    write_top(accelerator, rtl)
    return model, accelerator, rtl


@pytest.mark.parametrize("family", [find_family("xc7"), find_family("ecp5")], ids=lambda family: family.name)
def test_it_takes_what_a_flat_synthesis_takes(design, tmp_path, family):
    _, accelerator, rtl = design
    operators = synthesize_operators(accelerator, rtl, family, logs=tmp_path)
    linked = link_operators(
        accelerator, operators, rtl, family, destination=tmp_path / "out" / "chain.json", log=tmp_path / "log"
    )
    top = Instance("flat", "", "chain", {}, (), accelerator.sources, (), (), "", 0, 0, 0, {})
    flat = count_resources(
        count_cells(yosys.map_operators({"flat": top}, rtl, family, tmp_path / "log")["flat"]), family
    )
    assert (linked.FF, linked.LUTRAM, linked.BRAM36, linked.DSP) == (flat.FF, flat.LUTRAM, flat.BRAM36, flat.DSP)
    assert flat.LUT * 0.98 <= linked.LUT <= flat.LUT * 1.1

    (module,) = json.loads((tmp_path / "out" / "chain.json").read_text())["modules"].items()
    assert module[0] == "chain"
    assert set(module[1]["ports"]) >= {"clk_i", "rst_i", "s_axis_tdata", "m_axis_tready"}
    counted = {cell["type"] for cell in module[1]["cells"].values()}
    assert not any("operator" in cell or "fifo" in cell for cell in counted), "flat"


def test_the_linked_netlist_does_what_the_operators_do(design, tmp_path):
    model, accelerator, rtl = design
    operators = synthesize_operators(accelerator, rtl, XC7, logs=tmp_path)
    link_operators(accelerator, operators, rtl, XC7, destination=tmp_path / "netlist.json", log=tmp_path / "log")
    verilog(tmp_path)
    whole = around(accelerator)
    write_top(whole, tmp_path)
    simulator = compile_simulator(whole, tmp_path, jobs=1, extra_sources=(cell_models(tmp_path),))
    for mode in (RunOptions(check_protocol=True), RunOptions(stall_probability=0.4, seed=3, check_protocol=True)):
        result = run(simulator, {k: v for k, v in execute(model, frames=3).items() if k in ("t0", "t3")}, mode)
        assert result.finished and not result.mismatches and not result.incomplete and not result.protocol_errors


def test_the_netlist_of_another_operator_is_refused(design, tmp_path):
    """Same port names, other widths: nothing is cut to fit."""
    _, accelerator, rtl = design
    operators = synthesize_operators(accelerator, rtl, XC7, logs=tmp_path)
    narrow = replace(accelerator.instance("op1"), parameters=accelerator.instance("op1").parameters | {"WORD_BITS": 5})
    other = yosys.map_operators({"other": narrow}, rtl, XC7, tmp_path / "log")["other"]
    netlists = {o.name: read_netlist(o.netlist) for o in operators}
    with pytest.raises(ToolError):
        yosys.link(accelerator, netlists | {"op1": other}, rtl, XC7, tmp_path / "log")
    with pytest.raises(ToolError):
        yosys.link(
            accelerator,
            netlists | {"op1": netlists["op1"].replace("\\m_axis_tvalid", "\\no_tvalid")},
            rtl,
            XC7,
            tmp_path / "log",
        )


def test_a_cell_that_the_device_lacks_is_not_taken_for_free(design, tmp_path):
    """Such as logic that was never mapped."""
    _, accelerator, rtl = design
    operators = synthesize_operators(accelerator, rtl, XC7, logs=tmp_path)
    netlist = read_netlist(operators[2].netlist)
    unmapped = re.sub(
        r"cell \\INV (.*)\n    connect \\O (.*)\n    connect \\I (.*)\n",
        r"cell $_NOT_ \1\n    connect \\Y \2\n    connect \\A \3\n",
        netlist,
        count=1,
    )
    assert unmapped != netlist
    damaged = tmp_path / "damaged.il.gz"
    damaged.write_bytes(gzip.compress(unmapped.encode()))
    operators[2] = replace(operators[2], netlist=damaged)
    with pytest.raises(KeyError):
        link_operators(accelerator, operators, rtl, XC7, destination=tmp_path / "netlist.json", log=tmp_path / "log")
    assert not (tmp_path / "netlist.json").exists()


def test_a_top_module_that_was_changed_is_not_passed_over(design, tmp_path):
    _, accelerator, rtl = design
    top = rtl / "chain.sv"
    text = top.read_text()
    try:
        top.write_text(text.replace("op1_out0_tvalid)", "1'b1)"))
        with pytest.raises(UserError, match="top module"):
            yosys.link(accelerator, {}, rtl, XC7, tmp_path / "log")
    finally:
        top.write_text(text)


def execute(model: ModelWrapper, frames: int) -> dict[str, np.ndarray]:
    """Random frames and what the operators' Python models make of them: tensor -> (frames, *shape)."""
    np.random.seed(0)
    found: dict[str, list[np.ndarray]] = {f"t{k}": [] for k in range(len(CHAIN) + 1)}
    for _ in range(frames):
        context = {f"t{k}": np.zeros(shape, np.float32) for k, shape in enumerate(SHAPES)}
        context["t0"] = gen_finn_dt_tensor(DataType["UINT3"], SHAPES[0]).astype(np.float32)
        for node in model.graph.node:
            getCustomOp(node).execute_node(context, model.graph)
        for name, values in found.items():
            values.append(context[name])
    return {name: np.stack(values) for name, values in found.items()}


def around(accelerator: Accelerator) -> Accelerator:
    """An accelerator whose only operator is the linked netlist."""
    prefixes = port_prefixes(accelerator)
    (into,), (out,) = accelerator.inputs, accelerator.outputs
    whole = Instance(
        "whole",
        "whole",
        "netlist",
        {},
        (),
        ("netlist.v",),
        (StreamPort(prefixes[into], (into,)),),
        (StreamPort(prefixes[out], (out,)),),
        "",
        1,
        0,
        0,
        {},
    )
    streams = (
        replace(accelerator.stream(into), sink=Endpoint("whole", 0)),
        replace(accelerator.stream(out), source=Endpoint("whole", 0)),
    )
    return Accelerator("around", (whole,), streams, accelerator.inputs, accelerator.outputs, ("netlist.v", "around.sv"))


def verilog(folder: Path) -> None:
    script = "read_json netlist.json\nrename chain netlist\nwrite_verilog -noattr netlist.v\n"
    run_yosys(script, folder, log=folder / "log", limit_seconds=60)


def cell_models(folder: Path) -> Path:
    return XC7.write_cell_models(folder / "cells.v")
