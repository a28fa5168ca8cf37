# SPDX-License-Identifier: BSD-3-Clause
"""Step 8: every hardware operator is bound to its backend, which here is always our portable RTL."""

from __future__ import annotations

from typing import Any

from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.general import GiveReadableTensorNames

from hw_flows.errors import UserError
from hw_flows.operators import HW_DOMAIN, RTL_BACKENDS, RTL_DOMAIN, register


def step_specialize_layers(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Operators of `finn.custom_op.fpgadataflow` to ours of `finn.custom_op.fpgadataflow.rtl`.

    Names and attributes stay. Raises UserError for an operator that has no RTL backend.
    """
    register()
    for node in model.graph.node:
        if node.domain != HW_DOMAIN:
            continue
        if node.op_type not in RTL_BACKENDS:
            raise UserError(
                f"the hardware operator {node.op_type} has no RTL backend",
                f"node {node.name} ({node.op_type})",
                f"operators with one: {', '.join(RTL_BACKENDS)}",
            )
        _, node.op_type = RTL_BACKENDS[node.op_type]
        node.domain = RTL_DOMAIN
    return model.transform(GiveReadableTensorNames())
