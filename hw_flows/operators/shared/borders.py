# SPDX-License-Identifier: BSD-3-Clause
"""What an ONNX Pad puts around an image."""

from __future__ import annotations

from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.graph_surgery import attributes_of

_BORDER = 4  # numbers a Pad in an image of four axes has at each end


def pad_border(model: ModelWrapper, node: Any) -> np.ndarray | None:
    """Elements that a Pad adds (or, below 0, takes) at the beginning of each of the four axes, then at the end of each;
    None where that is not known."""
    shape = model.get_tensor_shape(node.input[0])
    attributes = attributes_of(node)
    given = model.get_initializer(node.input[1]) if len(node.input) > 1 else np.array(attributes.get("pads", ()))
    if shape is None or len(shape) != _BORDER or given is None:
        return None
    axes = np.arange(_BORDER)
    if len(node.input) > 3 and node.input[3]:
        axes = model.get_initializer(node.input[3])
        if axes is None:
            return None
    border = np.zeros((2, _BORDER), np.int64)
    if given.size != 2 * len(axes):
        return None
    border[:, axes] = given.reshape(2, -1)
    return border.ravel()


def is_border_of_zeros(model: ModelWrapper, node: Any) -> bool:
    attributes = attributes_of(node)
    value = model.get_initializer(node.input[2]) if len(node.input) > 2 and node.input[2] else np.zeros(1)
    border = pad_border(model, node)
    if border is None or value is None or attributes.get("mode", b"constant") != b"constant":
        return False
    zero = not np.any(value) and not attributes.get("value", 0)
    return zero and not bool(border[[0, 1, 4, 5]].any()) and bool((border >= 0).all())
