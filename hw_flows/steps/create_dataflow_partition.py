# SPDX-License-Identifier: BSD-3-Clause
"""The hardware operators become a model of their own; quantizer and final scale stay in the parent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from finn.transformation.fpgadataflow.create_dataflow_partition import CreateDataflowPartition
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp

from hw_flows.config import settings
from hw_flows.network.large_constants import LeanModel
from hw_flows.operators import register
from quantunet_common.files import write_atomically


def step_create_dataflow_partition(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Returns the dataflow (child) model, as FINN's step does.

    Writes the parent, in which one StreamingDataflowPartition stands for the child, to
    `<output_dir>/intermediate_models/dataflow_parent.onnx`, and the child beside it, which the parent names by its
    file name alone: nothing that is handed on tells where it was built. `verification.parent_model` completes the name.
    """
    config = settings(cfg)
    register()
    directory = config.output_dir / "intermediate_models"
    directory.mkdir(parents=True, exist_ok=True)
    parent = model.transform(CreateDataflowPartition(partition_model_dir=str(directory)))
    (node,) = parent.get_nodes_by_op_type("StreamingDataflowPartition")
    partition = getCustomOp(node)
    child = Path(partition.get_nodeattr("model"))
    partition.set_nodeattr("model", child.name)
    write_atomically(directory / "dataflow_parent.onnx", lambda path: parent.save(str(path)))
    return LeanModel.load(child)
