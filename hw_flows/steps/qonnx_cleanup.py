"""Step 1: shapes inferred, constants folded, names unique, nothing about who exported it; then: is there hardware?"""

from __future__ import annotations

from typing import Any

from qonnx.core.modelwrapper import ModelWrapper
from qonnx.util.cleanup import cleanup_model

from hw_flows.supported import check_supported


def step_qonnx_cleanup(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """QONNX as Brevitas exports it to clean QONNX. Raises UserError where a part of the network has no hardware."""
    _strip_provenance(model)
    model = cleanup_model(model)
    check_supported(model)
    return model


def _strip_provenance(model: ModelWrapper) -> None:
    """Exporters write stack traces and paths of their machine into the file."""
    proto = model.model
    proto.doc_string = ""
    proto.graph.doc_string = ""
    del proto.metadata_props[:]
    for item in [proto.graph, *proto.graph.node, *proto.graph.value_info, *proto.graph.input, *proto.graph.output]:
        item.doc_string = ""
        del item.metadata_props[:]
