"""What stays on the host: turning images into the accelerator's integers, and its integers into logits.

Both come from the parent model that `step_create_dataflow_partition` leaves behind; a driver does the same.
"""

from __future__ import annotations

import numpy as np
import qonnx.core.onnx_exec as onnx_exec
from qonnx.core.modelwrapper import ModelWrapper

PARTITION = "StreamingDataflowPartition"


def host_input(parent: ModelWrapper, image: np.ndarray) -> np.ndarray:
    """Integers (1, H, W, C) that the accelerator takes, for one float32 image (1, C, H, W)."""
    context = parent.make_empty_exec_context()
    context[parent.graph.input[0].name] = image.astype(np.float32)
    opsets = parent.get_opset_imports()
    for node in parent.graph.node:
        if node.op_type == PARTITION:
            return np.asarray(context[node.input[0]])
        onnx_exec.execute_node(node, context, parent.graph, opsets.get(node.domain, 1))
    raise AssertionError("the parent model has no dataflow partition")


def host_output(parent: ModelWrapper, integers: np.ndarray) -> np.ndarray:
    """Network output, float32 (1, classes, H, W), for the integers (1, H, W, classes) that the accelerator gave."""
    context = parent.make_empty_exec_context()
    opsets = parent.get_opset_imports()
    behind = False
    for node in parent.graph.node:
        if node.op_type == PARTITION:
            context[node.output[0]] = integers.astype(np.float32)
            behind = True
        elif behind:
            onnx_exec.execute_node(node, context, parent.graph, opsets.get(node.domain, 1))
    return np.asarray(context[parent.graph.output[0].name])
