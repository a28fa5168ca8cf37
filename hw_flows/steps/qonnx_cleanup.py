"""Step 1: shapes inferred, constants folded, names unique, and nothing in the file about who exported it."""

from __future__ import annotations

from typing import Any

from qonnx.core.modelwrapper import ModelWrapper
from qonnx.util.cleanup import cleanup_model


def step_qonnx_cleanup(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """QONNX as Brevitas exports it to clean QONNX."""
    _strip_provenance(model)
    return cleanup_model(model)


def _strip_provenance(model: ModelWrapper) -> None:
    """Exporters write stack traces and paths of their machine into the file."""
    proto = model.model
    proto.doc_string = ""
    proto.graph.doc_string = ""
    del proto.metadata_props[:]
    for item in [proto.graph, *proto.graph.node, *proto.graph.value_info, *proto.graph.input, *proto.graph.output]:
        item.doc_string = ""
        del item.metadata_props[:]
