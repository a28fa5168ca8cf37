# SPDX-License-Identifier: BSD-3-Clause
"""Functions that fall and rise again: `step_qonnx_to_finn` writes the table behind the thresholds of their steps."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import NodeProto, helper
from qonnx.core.datatype import BaseDataType, DataType
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.operators import HW_DOMAIN
from hw_flows.operators.front_end import FrontEnd


def table_node(
    model: ModelWrapper, source: str, result: str, table: tuple[int, ...], datatypes: tuple[BaseDataType, BaseDataType]
) -> NodeProto:
    """A LookupTable from `source`, integers (1, C, H, W) from 0 up of the first of `datatypes`, to `result`."""
    _, channels, height, width = model.get_tensor_shape(source)
    values = model.make_new_valueinfo_name()
    model.set_initializer(values, np.array(table, np.float32))
    model.set_tensor_datatype(values, DataType["INT32"])
    return helper.make_node(
        "LookupTable",
        [source, values],
        [result],
        domain=HW_DOMAIN,
        backend="fpgadataflow",
        ImgDim=[height, width],
        NumChannels=channels,
        PE=1,
        inputDataType=datatypes[0].name,
        outputDataType=datatypes[1].name,
    )


def _turn(model: ModelWrapper, node: Any) -> None:
    """Nothing changes: it works element by element."""


FRONT_END = FrontEnd(turns={"LookupTable": _turn})
