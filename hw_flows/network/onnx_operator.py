# SPDX-License-Identifier: BSD-3-Clause
"""One operator of ONNX, computed by ONNX Runtime as ONNX defines it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import onnxruntime
from onnx import ModelProto, TypeProto, helper, numpy_helper

#: Operators may want their sizes as constants; images go in as inputs.
_MOST_OF_A_CONSTANT = 1024
_IR_VERSION = 10
#: What only moves, repeats or leaves out values of its first input.
MOVES = ("Expand", "Flatten", "Gather", "Reshape", "Slice", "Split", "Squeeze", "Tile", "Unsqueeze")


def run_operator(node: Any, inputs: Sequence[np.ndarray | None], opsets: Iterable[Any]) -> list[np.ndarray]:
    """Outputs of `node`, in its order, for `inputs` (None where an optional one is absent).

    `opsets`: the operator sets that its model imports. Floats go in as float32. Integers are divided here, as ONNX
    defines it: ONNX Runtime ends the whole process where the divisor is 0. Raises ONNX Runtime's errors, and
    ZeroDivisionError.
    """
    first = inputs[0] if inputs else None
    if node.op_type in ("Div", "Mod") and first is not None and first.dtype.kind in "iu":
        assert inputs[1] is not None
        return [_divide(node, first, inputs[1])]
    alone = ModelProto(ir_version=_IR_VERSION)
    alone.opset_import.extend(opsets)
    graph = alone.graph
    graph.name = "operator"
    copy = graph.node.add()
    copy.CopyFrom(node)
    feeds = {}
    for place, value in enumerate(inputs):
        if value is None:
            continue
        single = np.asarray(value, np.float32) if value.dtype.kind == "f" else value
        name = copy.input[place] = f"input{place}"
        if single.size <= _MOST_OF_A_CONSTANT:
            graph.initializer.append(numpy_helper.from_array(single, name))
        else:
            data_type = helper.np_dtype_to_tensor_dtype(single.dtype)
            graph.input.append(helper.make_tensor_value_info(name, data_type, single.shape))
            feeds[name] = single
    for place in range(len(node.output)):  # also those that nothing reads: without a name they can end ONNX Runtime
        copy.output[place] = f"output{place}"
        graph.output.add(name=copy.output[place], type=TypeProto())
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 4  # its errors are raised, too
    session = onnxruntime.InferenceSession(alone.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return list(session.run(None, feeds))


def move(node: Any, inputs: Sequence[np.ndarray | None], opsets: Iterable[Any]) -> list[np.ndarray]:
    """Outputs of `node`, one of `MOVES`, whose values are those of the first input to the last bit, of whatever type."""
    first = inputs[0]
    assert first is not None, "it is not optional"
    places = run_operator(node, [np.arange(first.size).reshape(first.shape), *inputs[1:]], opsets)
    return [first.ravel()[place] for place in places]


def _divide(node: Any, dividend: np.ndarray, divisor: np.ndarray) -> np.ndarray:
    """Quotient rounded to 0, or the remainder, which has the divisor's sign, or with `fmod` the dividend's."""
    if not divisor.all():
        raise ZeroDivisionError("it divides an integer by 0")
    with np.errstate(over="ignore"):  # the lowest integer by -1
        if node.op_type == "Mod":
            return np.fmod(dividend, divisor) if any(a.i for a in node.attribute) else np.mod(dividend, divisor)
        remainder = np.fmod(dividend, divisor)
        return np.asarray((dividend - remainder) // divisor, dividend.dtype)
