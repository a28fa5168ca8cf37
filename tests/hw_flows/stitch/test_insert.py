# SPDX-License-Identifier: BSD-3-Clause
"""Where FIFOs stand."""

from __future__ import annotations

import pytest
from onnx import TensorProto, helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.util.basic import qonnx_make_model

from hw_flows.operators import RTL_DOMAIN, register
from hw_flows.stitch.insert import CONVERTER, FIFO, insert_fifos


def converter(in_width: int, out_width: int) -> ModelWrapper:
    """A width converter alone, for twelve elements of four bits."""
    register()
    shape = [1, 1, 1, 12]
    node = helper.make_node(
        CONVERTER,
        ["x"],
        ["y"],
        name=f"{CONVERTER}_0",
        domain=RTL_DOMAIN,
        backend="fpgadataflow",
        shape=shape,
        inShape=shape,
        outShape=shape,
        inWidth=in_width,
        outWidth=out_width,
        dataType="UINT4",
    )
    infos = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in "xy"]
    model = ModelWrapper(qonnx_make_model(helper.make_graph([node], "net", infos[:1], infos[1:])))
    for name in "xy":
        model.set_tensor_datatype(name, DataType["UINT4"])
    return model


@pytest.mark.parametrize(("in_width", "out_width", "fifos"), [(8, 16, 1), (16, 8, 1), (16, 12, 2), (12, 16, 2)])
def test_only_converters_of_an_odd_ratio_have_a_fifo_before_them(in_width, out_width, fifos):
    model = insert_fifos(converter(in_width, out_width))
    assert len(model.get_nodes_by_op_type(FIFO)) == fifos
