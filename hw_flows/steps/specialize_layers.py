# SPDX-License-Identifier: BSD-3-Clause
"""Every hardware operator is bound to its backend, which here is always our portable RTL."""

from __future__ import annotations

from typing import Any

from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.general import GiveReadableTensorNames

from hw_flows.layer_names import layer_of
from hw_flows.machine.errors import UserError
from hw_flows.operators import HW_DOMAIN, RTL_DOMAIN, register, rtl_operators
from hw_flows.operators.names import own_name


def step_specialize_layers(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Operators of `finn.custom_op.fpgadataflow` to ours of `finn.custom_op.fpgadataflow.rtl`.

    Names and attributes stay. Raises UserError for an operator that has no RTL backend.
    """
    register()
    ours = rtl_operators()
    for node in model.graph.node:
        if node.domain != HW_DOMAIN:
            continue
        if node.op_type not in ours:
            raise UserError(
                f"the hardware operator {node.op_type} has no RTL backend",
                f"layer {layer_of(model, node)}, node {node.name}",
                f"operators with one: {', '.join(ours)}",
            )
        node.op_type = own_name(node.op_type)
        node.domain = RTL_DOMAIN
    return model.transform(GiveReadableTensorNames())
