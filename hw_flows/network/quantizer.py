# SPDX-License-Identifier: BSD-3-Clause
"""What a QONNX quantizer gives."""

from __future__ import annotations

from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.graph_surgery import attributes_of


def integer_range(model: ModelWrapper, node: Any) -> tuple[int, int, str]:
    """Lowest and highest integer that a Quant gives, and QONNX's name of their data type."""
    attributes = attributes_of(node)
    signed, narrow = bool(attributes.get("signed", 1)), bool(attributes.get("narrow", 0))
    bits = int(np.ravel(model.get_initializer(node.input[3]))[0])
    if signed:
        return -(2 ** (bits - 1)) + narrow, 2 ** (bits - 1) - 1, f"INT{bits}"
    return 0, 2**bits - 1 - narrow, "BINARY" if bits == 1 else f"UINT{bits}"
