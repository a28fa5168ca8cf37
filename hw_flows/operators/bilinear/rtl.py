# SPDX-License-Identifier: BSD-3-Clause
"""RTL backend of BilinearUpsample."""

from __future__ import annotations

from math import prod
from pathlib import Path

import numpy as np

from hw_flows.operators.base import Border, Cost, RtlOperator
from hw_flows.operators.bilinear.axis import InterpolatedAxis
from hw_flows.operators.bilinear.hw import BilinearUpsample
from hw_flows.operators.shared import LOOP_COUNTER, SIMPLE_DUAL_PORT_RAM
from hw_flows.operators.shared.checks import element, require, require_divides
from hw_flows.operators.shared.ram import memory_cost, use_block_memory

#: FINN's Python models compute in float32, which counts exactly to 2^24: a signed integer of 25 bits.
MOST_BITS = 25
_FILES = ("resample_axis", "blend", "bilinear")


class OpenBilinearUpsample_rtl(RtlOperator, BilinearUpsample):
    """Input (1, H, W, C), output (1, OH, OW, C); SIMD elements a word, a buffer of two input rows, one output word a cycle."""

    module = "qu_bilinear"
    sources = (LOOP_COUNTER, SIMPLE_DUAL_PORT_RAM, *(Path(__file__).with_name(f"qu_{name}.sv") for name in _FILES))

    def rtl_parameters(self) -> dict[str, int]:
        require_divides(self, "SIMD", "NumChannels")
        for name in ("ImgDim", "OutDim", "Steps", "Parts", "Before"):
            values = list(self.get_nodeattr(name))
            require(
                len(values) == 2 and min(values) >= (0 if name == "Before" else 1),
                self,
                f"{name} = {values} is no pair for rows and columns",
                "give two positive integers",
            )
        rows, columns = self.axes()
        for axis in (rows, columns):
            self._check(axis)
        bits, signed = element(self, self.get_input_datatype())
        out_bits, _ = element(self, self.get_output_datatype())
        require(
            out_bits <= MOST_BITS,
            self,
            f"its results have {out_bits} bits, more than {MOST_BITS}",
            "use fewer bits before the upsampling, or one whose pixels are not aligned at the corners",
        )
        simd = self.get_nodeattr("SIMD")
        fold = self.get_nodeattr("NumChannels") // simd
        return {
            "ELEMENT_BITS": bits,
            "OUT_BITS": out_bits,
            "IS_SIGNED": signed,
            "LANES": simd,
            "FOLD": fold,
            **{name: getattr(rows, field) for name, field in _PARAMETERS["H"].items()},
            **{name: getattr(columns, field) for name, field in _PARAMETERS["W"].items()},
            "BLOCK_RAM": int(use_block_memory(_depth(columns, fold), simd * bits)),
        }

    def _check(self, axis: InterpolatedAxis) -> None:
        require(
            axis.into <= axis.out and axis.step <= axis.parts and axis.before < axis.parts,
            self,
            f"{axis} makes the image smaller",
            "give Steps of at most Parts, and Before of less",
        )
        require(
            (axis.out - 1) * axis.step >= (axis.into - 1) * axis.parts + axis.before,
            self,
            f"{axis}: its last output pixel is before its last input pixel",
            "correct Steps or Before",
        )

    def get_exp_cycles(self) -> int:
        """One output word a cycle."""
        return int(prod(self.get_folded_output_shape()[:-1]))

    def lead(self, border: Border | None) -> float:
        """How far the input pixels that an output pixel needs are ahead of it, at most, both at an even pace."""
        rows, columns = self.axes()
        return max(0.0, _ahead(rows, 0) + _ahead(columns, 1) / rows.into)

    def cost(self) -> Cost:
        """Memories; registers as the modules have them; LUTs by their counters and the bits of their sums, fitted to
        `benchmarks/cost_model.py`."""
        p = self.rtl_parameters()
        rows, columns = self.axes()
        depth = _depth(columns, p["FOLD"])
        memory = memory_cost(depth, p["LANES"] * p["ELEMENT_BITS"], bool(p["BLOCK_RAM"])) * (
            4 if columns.into > 1 else 2
        )
        middle = min(p["OUT_BITS"], p["ELEMENT_BITS"] + (rows.parts - 1).bit_length())
        address, column = (depth - 1).bit_length(), (columns.into + 1).bit_length()
        fold, index = 2 * (p["FOLD"] - 1).bit_length(), (rows.out - 1).bit_length() + (columns.out - 1).bit_length()
        place = rows.parts.bit_length() + columns.parts.bit_length() + 4
        counters = 3 * address + 4 * column + fold + index + 3 * place
        sums = p["LANES"] * (2 * _sum_bits(rows, p["ELEMENT_BITS"]) + _sum_bits(columns, middle))
        control = (
            3 * address + 2 * column + fold + index + place + 12 + _fraction_bits(rows) + 2 * _fraction_bits(columns)
        )
        return memory + Cost(lut=1.45 * counters + 1.755 * sums, ff=control + p["LANES"] * (2 * middle + p["OUT_BITS"]))


#: Parameters of the module for each axis -> fields of Axis.
_PARAMETERS = {
    "H": {"HEIGHT": "into", "OUT_HEIGHT": "out", "STEP_H": "step", "PARTS_H": "parts", "BEFORE_H": "before"},
    "W": {"WIDTH": "into", "OUT_WIDTH": "out", "STEP_W": "step", "PARTS_W": "parts", "BEFORE_W": "before"},
}


def _depth(columns: InterpolatedAxis, fold: int) -> int:
    """Words of the even pixels of a row, two at least."""
    return max(2, (columns.into + 1) // 2 * fold)


def _ahead(axis: InterpolatedAxis, whole: int) -> float:
    """Part of the axis; `whole`: 1 to count the pixel itself."""
    first, fraction = axis.sources()
    return float(np.max((first + (fraction > 0) + whole) / axis.into - np.arange(axis.out) / axis.out))


def _fraction_bits(axis: InterpolatedAxis) -> int:
    return max(1, (axis.parts - 1).bit_length())


def _sum_bits(axis: InterpolatedAxis, bits: int) -> float:
    """Of the adders of a `qu_blend` of integers of `bits`: one for each digit of the denominator's non-adjacent form and of
    the fraction, but for the first."""
    fraction = _fraction_bits(axis)
    digits = (3 * axis.parts ^ axis.parts).bit_count()
    return (digits - 1 + fraction) * (bits + 1 + fraction / 2)
