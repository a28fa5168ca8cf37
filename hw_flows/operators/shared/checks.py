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


def image_parameters(operator: Any) -> dict[str, int]:
    """Parameters of a module that takes an image of `ImgDim` in words of `SIMD` elements."""
    require_divides(operator, "SIMD", "NumChannels")
    size = list(operator.get_nodeattr("ImgDim"))
    require(
        len(size) == 2 and min(size) >= 1,
        operator,
        f"ImgDim = {size} is no [height, width]",
        "give two positive integers",
    )
    bits, _ = element(operator, operator.get_input_datatype())
    simd = operator.get_nodeattr("SIMD")
    return {
        "WORD_BITS": simd * bits,
        "FOLD": operator.get_nodeattr("NumChannels") // simd,
        "HEIGHT": int(size[0]),
        "WIDTH": int(size[1]),
    }


def four_sides(operator: Any, attribute: str) -> tuple[int, int, int, int]:
    """Top, left, bottom and right of an attribute."""
    sides = list(operator.get_nodeattr(attribute))
    require(
        len(sides) == 4 and min(sides) >= 0,
        operator,
        f"{attribute} = {sides} is no [top, left, bottom, right]",
        "give four integers that are not negative",
    )
    top, left, bottom, right = map(int, sides)
    return top, left, bottom, right


def factor_bits(operator: Any, unit: str, most_data_bits: int) -> tuple[int, bool, int, int]:
    """Bits of the input of a unit that multiplies, whether it is signed, bits of its weights and of its output."""
    data, weight = operator.get_input_datatype(0), operator.get_input_datatype(1)
    require(
        bool(operator.get_nodeattr("noActivation")),
        operator,
        f"noActivation is 0: thresholds inside the {unit} unit have no RTL",
        "put a Thresholding node behind it",
    )
    data_bits, data_signed = element(operator, data)
    require(
        data_bits <= most_data_bits,
        operator,
        f"inputDataType is {data.name}, at most {most_data_bits} bits can be multiplied",
        "quantize it",
    )
    weight_bits = weight.bitwidth() + (0 if weight.signed() else 1)  # no weight negative: the sign bit is always 0
    require(
        weight.is_integer() and weight_bits <= 8,
        operator,
        f"weightDataType is {weight.name}, must be an integer of at most 8 bits with sign",
        "quantize the weights",
    )
    result_bits, _ = element(
        operator, operator.get_output_datatype()
    )  # sums are right modulo 2**bits: so is an unsigned result
    return data_bits, bool(data_signed), max(2, weight_bits), result_bits
