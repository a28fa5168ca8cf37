# SPDX-License-Identifier: BSD-3-Clause
"""Windows of a convolution: Im2Col, into which QONNX lowers it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.base import Transformation

from hw_flows.graph_surgery import set_attributes
from hw_flows.operators.front_end import FrontEnd
from hw_flows.operators.shared.windows import windows


def _im2col(a: dict[str, Any], inputs: list[np.ndarray]) -> np.ndarray:
    found = windows(inputs[0], a, list(a["kernel_size"]), (1, 2))  # (N, H, W, C, kh, kw)
    n, h, w = found.shape[:3]
    return found.transpose(0, 1, 2, 4, 5, 3).reshape(n, h, w, -1)


class OneOrder(Transformation):
    """Windows of depthwise convolutions are read as all others are, so that the number of lanes of who reads them is free
    (see `OpenVVAU_rtl`)."""

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for node in model.get_nodes_by_op_type("Im2Col"):
            set_attributes(node, depthwise=0)
        return model, False


def _convert() -> Sequence[Transformation]:
    from finn.transformation.fpgadataflow.convert_to_hw.conv_inp_gen import InferConvInpGen

    return OneOrder(), InferConvInpGen()


FRONT_END = FrontEnd(reference={"Im2Col": _im2col}, convert=_convert)
