# SPDX-License-Identifier: BSD-3-Clause
"""What every stream of an accelerator must carry for given images, and where the images and answers lie.

The expected integers come from executing the very graph that was stitched, after its answer has been found equal to
the network's own.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp

from hw_flows.machine.errors import UserError
from hw_flows.network.execute import execute_dataflow, host_input, host_output
from hw_flows.network.large_constants import LeanModel

#: Logits are scale * integer + bias in float32; two ways to compute them differ by rounding only. One step of the
#: integer is larger than this share of the largest logit for accumulators of up to 16 bits.
LOGIT_TOLERANCE = 1e-5


def parent_model(output_dir: Path) -> ModelWrapper:
    """The host's part of the network, saved by the partition step. FINN can execute it: the node that stands for the
    accelerator has the whole path of its model, of which the file holds only the name."""
    path = output_dir / "intermediate_models" / "dataflow_parent.onnx"
    if not path.is_file():
        raise UserError("the host's part of the network is missing", str(path), "run step_create_dataflow_partition")
    parent = LeanModel.load(path)
    for node in parent.get_nodes_by_op_type("StreamingDataflowPartition"):
        partition = getCustomOp(node)
        partition.set_nodeattr("model", str((path.parent / partition.get_nodeattr("model")).absolute()))
    return parent


def logits_agree(logits: np.ndarray, expected: np.ndarray) -> bool:
    """Equal up to float rounding: then the masks are the same, too, but for pixels between two classes (`mask_pixels_differing`)."""
    if logits.shape != expected.shape:
        return False
    return bool(np.abs(logits - expected).max() <= _rounding(expected))


def masks(logits: np.ndarray) -> np.ndarray:
    """Class of each pixel (N, H, W): logit > 0 for one class, the largest for several."""
    return logits[:, 0] > 0 if logits.shape[1] == 1 else logits.argmax(axis=1)


def mask_pixels_differing(logits: np.ndarray, expected: np.ndarray) -> int:
    """Pixels of other classes, but for those whose two best `expected` logits (or the only one and 0) are equal up to float rounding:
    integers often tie, and then rounding alone chooses."""
    if expected.shape[1] == 1:
        lead = np.abs(expected[:, 0])
    else:
        second, first = np.moveaxis(np.partition(expected, -2, axis=1)[:, -2:], 1, 0)
        lead = first - second
    return int(((masks(logits) != masks(expected)) & (lead > 2 * _rounding(expected))).sum())


def _rounding(expected: np.ndarray) -> float:
    return LOGIT_TOLERANCE * max(1e-30, float(np.abs(expected).max()))


def expected_tensors(
    model: ModelWrapper, parent: ModelWrapper, images: np.ndarray, progress: Callable[[float, str], None] | None = None
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Integers of every tensor of the dataflow model, (frames, *shape) by name, and the logits they lead to.

    Weights that come from memory are there as the constants that they are, for one repeat: (1, 1, bytes).
    """
    collected: dict[str, list[np.ndarray]] = {}
    logits = []
    for number, image in enumerate(images):
        tensors = execute_dataflow(model, host_input(parent, image[None]))
        logits.append(host_output(parent, tensors[model.graph.output[0].name]))
        for name, value in tensors.items():
            collected.setdefault(name, []).append(value.astype(np.int32))
        if progress is not None:
            progress((number + 1) / len(images), f"frame {number + 1} of {len(images)} in the integer model")
    inputs = {value.name for value in model.graph.input}
    from_memory = [node.input[i] for node in model.graph.node for i in getCustomOp(node).memory_inputs()]
    constants = {name: model.get_initializer(name) for name in from_memory if name not in inputs}
    return {**{name: np.stack(values) for name, values in collected.items()}, **constants}, np.concatenate(logits)
