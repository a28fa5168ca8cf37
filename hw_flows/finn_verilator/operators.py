# SPDX-License-Identifier: BSD-3-Clause
"""Our operators under the names of FINN's: the same graphs, the same tests, other RTL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qonnx.custom_op.registry import add_op_to_domain, get_ops_in_domain

from hw_flows.machine.errors import UserError
from hw_flows.operators import RTL_DOMAIN, rtl_operators


def take_the_place_of(names: Sequence[str]) -> None:
    """Let nodes of the types `names`, such as "MVAU_rtl", be run by our operators in this process.

    They accept the attributes of FINN's class too. Raises UserError for a type that we have no operator for.
    """
    finns = dict(get_ops_in_domain(RTL_DOMAIN)) if names else {}
    ours = rtl_operators()
    for name in names:
        if name.removesuffix("_rtl") not in ours or not name.endswith("_rtl"):
            known = ", ".join(f"{op_type}_rtl" for op_type in ours)
            raise UserError(f"there is no operator to take the place of {name}", "", f"choose from {known}")
        add_op_to_domain(RTL_DOMAIN, _with_attributes_of(ours[name.removesuffix("_rtl")], finns[name], name))


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
