"""Step 1: shapes inferred, constants folded, names unique, nothing about who exported it; then: is there hardware?"""

from __future__ import annotations

from typing import Any

from qonnx.core.modelwrapper import ModelWrapper
from qonnx.util.cleanup import cleanup_model

from hw_flows.no_ops import fold_pads, remove_no_ops, separate_repeated_inputs
from hw_flows.qcdq import convert_qcdq
from hw_flows.supported import check_supported
from hw_flows.transform import strip_provenance


def step_qonnx_cleanup(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """QONNX as Brevitas exports it to clean QONNX. Raises UserError where a part of the network has no hardware."""
    return clean_network(model)


def clean_network(model: ModelWrapper) -> ModelWrapper:
    """What the step does; also called before any step, so that what has no hardware is refused first."""
    strip_provenance(model.model)
    convert_qcdq(model)
    separate_repeated_inputs(model)
    model = cleanup_model(model)
    remove_no_ops(model)
    model = fold_pads(model)
    check_supported(model)
    return model
