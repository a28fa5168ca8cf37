"""Step 1: shapes inferred, constants folded, names unique, one form for all networks; then: is there hardware?"""

from __future__ import annotations

from typing import Any

from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.general import GiveReadableTensorNames, GiveUniqueNodeNames
from qonnx.transformation.infer_shapes import InferShapes
from qonnx.util.cleanup import cleanup_model

from hw_flows.normal_form import normal_form
from hw_flows.supported import check_supported
from hw_flows.transform import strip_provenance


def step_qonnx_cleanup(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """QONNX as Brevitas exports it to clean QONNX. Raises UserError where a part of the network has no hardware."""
    return clean_network(model)


def clean_network(model: ModelWrapper) -> ModelWrapper:
    """A clean copy of QONNX as exported, in `normal_form`. Raises UserError where a part of it has no hardware."""
    strip_provenance(model.model)
    model = normal_form(cleanup_model(model))
    check_supported(model)  # before nodes that are new get names of their own
    for t in (GiveUniqueNodeNames(), GiveReadableTensorNames(), InferShapes()):
        model = model.transform(t)
    return model
