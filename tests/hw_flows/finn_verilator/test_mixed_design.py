# SPDX-License-Identifier: BSD-3-Clause
"""FINN's own RTL and ours in one stitched design: no module is defined twice, and the result is exact."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.general import GiveUniqueNodeNames
from qonnx.util.basic import qonnx_make_model

from hw_flows.finn_verilator import install
from hw_flows.finn_verilator.adapt import adapt
from hw_flows.machine.tools import package_folder
from hw_flows.operators import RTL_DOMAIN, register

PART, CLOCK_NS = "xc7z020clg400-1", 10.0
SHAPE = [1, 4, 4, 2]
STREAMS = {"x": "INT6", "a": "INT6", "b": "INT6", "c": "UINT2", "d": "UINT2", "y": "BINARY"}
THRESHOLDS = {"t": [[-9, 0, 11], [-20, 3, 4]], "u": [[2], [1]]}


def fifo(op_type: str, source: str, target: str, depth: int) -> Any:
    return helper.make_node(
        op_type,
        [source],
        [target],
        domain=RTL_DOMAIN,
        backend="fpgadataflow",
        dataType=STREAMS[source],
        depth=depth,
        folded_shape=[*SHAPE, 1],
        normal_shape=SHAPE,
        impl_style="rtl",
    )


def thresholding(op_type: str, source: str, values: str, target: str) -> Any:
    return helper.make_node(
        op_type,
        [source, values],
        [target],
        domain=RTL_DOMAIN,
        backend="fpgadataflow",
        NumChannels=SHAPE[-1],
        PE=1,
        numSteps=len(THRESHOLDS[values][0]),
        ActVal=0,
        inputDataType=STREAMS[source],
        weightDataType=STREAMS[source],
        outputDataType=STREAMS[target],
        numInputVectors=SHAPE[:3],
        runtime_writeable_weights=0,
    )


def mixed_design() -> Any:
    """FINN's FIFO and thresholds, each followed by ours: modules that had FINN's names once."""
    from finn.transformation.fpgadataflow.create_stitched_ip import CreateStitchedIP
    from finn.transformation.fpgadataflow.hlssynth_ip import HLSSynthIP
    from finn.transformation.fpgadataflow.prepare_ip import PrepareIP

    nodes = [
        fifo("StreamingFIFO_rtl", "x", "a", 40),
        fifo("OpenStreamingFIFO_rtl", "a", "b", 40),
        thresholding("Thresholding_rtl", "b", "t", "c"),
        fifo("OpenStreamingFIFO_rtl", "c", "d", 3),
        thresholding("OpenThresholding_rtl", "d", "u", "y"),
    ]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, SHAPE) for name in ("x", "y")]
    model = ModelWrapper(qonnx_make_model(helper.make_graph(nodes, "mixed", ends[:1], ends[1:])))
    for name, datatype in STREAMS.items():
        model.set_tensor_shape(name, SHAPE)
        model.set_tensor_datatype(name, DataType[datatype])
    for name, source in (("t", "b"), ("u", "d")):
        model.set_initializer(name, np.array(THRESHOLDS[name], dtype=np.float32))
        model.set_tensor_datatype(name, DataType[STREAMS[source]])
    model = model.transform(GiveUniqueNodeNames())
    for step in (PrepareIP(PART, CLOCK_NS), HLSSynthIP(), CreateStitchedIP(PART, CLOCK_NS)):
        model = model.transform(step)
    model.set_metadata_prop("exec_mode", "rtlsim")
    return model


@pytest.fixture(scope="module")
def design() -> Any:
    register()
    install()
    return mixed_design()


def sources(design: Any) -> list[Path]:
    folder = Path(design.get_metadata_prop("vivado_stitch_proj"))
    return [Path(line) for line in (folder / "all_verilog_srcs.txt").read_text().split()]


def test_no_module_is_defined_twice_and_the_design_lints(design: Any, tmp_path: Path) -> None:
    defined = [
        name for file in sources(design) for name in re.findall(r"^\s*module\s+(\w+)", file.read_text(), re.MULTILINE)
    ]
    assert {"fifo", "qu_fifo", "thresholding", "qu_thresholding"} <= set(defined)
    assert len(defined) == len(set(defined))
    files = []
    for number, file in enumerate(
        sources(design)
    ):  # what Verilator does not know in FINN's RTL is adapted, as for simulation
        files.append(f"{number}_{file.name}")
        (tmp_path / files[-1]).write_text(adapt(file.read_text()))
    verilator = package_folder("verilator")
    command = [verilator / "bin" / "verilator_bin", "--lint-only", "-Wno-lint", "-Wno-style", "-Wno-fatal"]
    result = subprocess.run(
        [*command, "--timescale", "1ns/1ps", "--top-module", "finn_design_wrapper", *files],
        cwd=tmp_path,
        env={"VERILATOR_ROOT": str(verilator)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    warnings = [line for line in result.stderr.splitlines() if line.startswith("%Warning")]  # FINN's RTL has some
    assert not [line for line in warnings if "MODDUP" in line or "_qu_" in line]


def test_it_is_exact(design: Any) -> None:
    from finn.core.rtlsim_exec import rtlsim_exec

    x = np.random.default_rng(3).integers(-32, 32, SHAPE).astype(np.float32)
    context = {"x": x}
    rtlsim_exec(design, context)
    first = (x[..., None] >= np.array(THRESHOLDS["t"])).sum(axis=-1)
    np.testing.assert_array_equal(context["y"], (first[..., None] >= np.array(THRESHOLDS["u"])).sum(axis=-1))
