# SPDX-License-Identifier: BSD-3-Clause
"""Preconditions of operators, reported with the node and the attribute that break them."""

from __future__ import annotations

from typing import Any

from qonnx.core.datatype import BaseDataType

from hw_flows.machine.errors import UserError


def place(operator: Any) -> str:
    """Where an error lies: operator type and node name."""
    return f"{operator.onnx_node.op_type} node {operator.onnx_node.name}"


def require(holds: bool, operator: Any, what: str, fix: str) -> None:
    """Raise UserError naming the node unless `holds`."""
    if not holds:
        raise UserError(what, place(operator), fix)


def require_divides(operator: Any, parameter: str, of: str) -> None:
    """Attribute `parameter` (PE, SIMD) is at least 1 and divides attribute `of` (a number or several)."""
    value, total = operator.get_nodeattr(parameter), operator.get_nodeattr(of)
    for extent in total if hasattr(total, "__len__") else (total,):
        require(
            value >= 1 and extent >= 1 and extent % value == 0,
            operator,
            f"{parameter} = {value} does not divide {of} = {extent}",
            f"set {parameter} to a divisor of {extent}",
        )


def element(operator: Any, datatype: BaseDataType) -> tuple[int, int]:
    """(bits, 1 if in two's complement) of a stream element."""
    require(
        datatype.is_integer() and datatype.name != "BIPOLAR",
        operator,
        f"data type {datatype.name} is neither an unsigned nor a two's complement integer",
        "quantize the tensor to integers (BIPOLAR: use INT2 or BINARY)",
    )
    return datatype.bitwidth(), int(datatype.signed())
