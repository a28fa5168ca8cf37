# SPDX-License-Identifier: BSD-3-Clause
"""Our operators under the names of FINN's: the same graphs, the same tests, other RTL."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from qonnx.custom_op.registry import add_op_to_domain, get_ops_in_domain

from hw_flows.errors import UserError
from hw_flows.operators import RTL_BACKENDS, RTL_DOMAIN


def take_the_place_of(names: Sequence[str]) -> None:
    """Let nodes of the types `names`, such as "MVAU_rtl", be run by our operators in this process.

    They accept the attributes of FINN's class too. Raises UserError for a type that we have no operator for.
    """
    finns = dict(get_ops_in_domain(RTL_DOMAIN)) if names else {}
    for name in names:
        if name.removesuffix("_rtl") not in RTL_BACKENDS or not name.endswith("_rtl"):
            known = ", ".join(f"{op_type}_rtl" for op_type in RTL_BACKENDS)
            raise UserError(f"there is no operator to take the place of {name}", "", f"choose from {known}")
        folder, class_name = RTL_BACKENDS[name.removesuffix("_rtl")]
        ours = getattr(import_module(f"hw_flows.operators.{folder}.rtl"), class_name)
        add_op_to_domain(RTL_DOMAIN, _with_attributes_of(ours, finns[name], name))


def _with_attributes_of(ours: Any, finns: Any, name: str) -> Any:
    def get_nodeattr_types(self: Any) -> dict[str, Any]:
        return {**finns(self.onnx_node).get_nodeattr_types(), **ours.get_nodeattr_types(self)}

    def generate_params(self: Any, model: Any, path: str) -> None:
        from finn.util.exception import FINNUserError

        try:
            ours.generate_params(self, model, path)
        except UserError as error:
            raise FINNUserError(str(error)) from error  # the one that FINN's callers know

    methods = {"get_nodeattr_types": get_nodeattr_types, "generate_params": generate_params}
    return type(name, (ours,), {"__module__": ours.__module__, **methods})
