# SPDX-License-Identifier: BSD-3-Clause
"""RTL backend of StreamingPool."""

from __future__ import annotations

from math import ceil
from pathlib import Path
from typing import NamedTuple

from hw_flows.operators.base import Border, Cost, RtlOperator
from hw_flows.operators.pool.hw import StreamingPool, counted
from hw_flows.operators.shared import LOOP_COUNTER, SIMPLE_DUAL_PORT_RAM
from hw_flows.operators.shared.checks import element, require, require_divides
from hw_flows.operators.shared.ram import memory_cost, use_block_memory


class WindowAxis(NamedTuple):
    """One `qu_pool_axis.sv`: widths in bits, the rest in positions of `inner` words."""

    in_bits: int
    sum_bits: int
    out_bits: int
    multiple: int
    inner: int
    extent: int
    kernel: int
    stride: int
    pad: int
    windows: int

    @property
    def slots(self) -> int:
        """Windows that are open between two positions: as many partial results as have to be kept of each word."""
        return ceil((self.kernel - 1) / self.stride)

    @property
    def positions(self) -> int:
        """With those behind the axis in which the last windows are finished."""
        return max(self.extent, (self.windows - 1) * self.stride + self.kernel - self.pad)

    @property
    def alone(self) -> bool:
        """Whether the one window that is open never ends with the position that begins the next."""
        return self.slots == 1 and (self.kernel - 1) % self.stride != 0

    def block_memory(self, lanes: int) -> bool:
        width = self.slots * lanes * self.sum_bits
        return self.inner > 1 and width > 0 and use_block_memory(self.inner, width)


class OpenStreamingPool_rtl(RtlOperator, StreamingPool):
    """Largest elements or sums of windows of any kernel, stride and padding; PE elements a word.

    A frame cannot take fewer cycles than it has input words, and takes no more but for windows that reach over the bottom
    or the right: (H * (W + r) + b * OW) * C / PE cycles, with r and b the pixels and rows of the last windows behind the
    image (0 in ResNet's 3x3 pool of stride 2 on even images, and wherever nothing is padded). Every streaming pool keeps a
    partial result for each window that is open; this one keeps no more than these, ceil((kh - 1) / sh) rows of OW results
    and ceil((kw - 1) / sw) pixels, where a line buffer of pixels would have kh - 1 rows of W. One comparison or addition
    for each of them, one each way where windows overlap by less than a stride.
    """

    module = "qu_pool"
    sources = (
        LOOP_COUNTER,
        SIMPLE_DUAL_PORT_RAM,
        *(Path(__file__).with_name(f"{name}.sv") for name in ("qu_pool_axis", "qu_pool")),
    )

    def axes(self) -> tuple[WindowAxis, WindowAxis]:
        """Along rows and along columns."""
        require_divides(self, "PE", "NumChannels")
        self._check()
        bits, _ = element(self, self.get_input_datatype())
        fold = self.get_nodeattr("NumChannels") // self.get_nodeattr("PE")
        rows, columns = (
            tuple(int(self.get_nodeattr(a)[axis]) for a in ("ImgDim", "KernelDim", "Stride", "Pad", "OutDim"))
            for axis in (0, 1)
        )
        height, width = self.multiples()
        weighted = self.get_nodeattr("Function") == "average"

        most_rows, most_columns = (
            max(counted(kernel, stride, pad, windows, size)) if weighted else kernel
            for size, kernel, stride, pad, windows in (rows, columns)
        )

        def of(elements: int) -> int:
            return int(self.result_datatype(elements).bitwidth())

        along_row = WindowAxis(bits, of(most_columns), of(width), width if weighted else 0, fold, *columns)
        sums, results = of(most_rows * width), of(height * width)
        return along_row, WindowAxis(of(width), sums, results, height if weighted else 0, fold * columns[4], *rows)

    def _check(self) -> None:
        names = ("ImgDim", "KernelDim", "Stride", "Pad", "OutDim")
        values = [list(self.get_nodeattr(a)) for a in names]
        require(
            all(len(v) == 2 for v in values),
            self,
            "one of " + ", ".join(f"{n} = {v}" for n, v in zip(names, values, strict=True)) + " is no pair",
            "give two integers each, of the vertical and the horizontal axis",
        )
        for size, kernel, stride, pad, out in zip(*values, strict=True):
            require(
                size >= 1 and stride >= 1 and 0 <= pad < kernel,
                self,
                f"KernelDim = {values[1]}, Stride = {values[2]}, Pad = {values[3]} make no windows",
                "give a positive kernel and stride, and a padding smaller than the kernel",
            )
            require(
                out >= 1 and (out - 1) * stride < size + pad < out * stride + kernel,
                self,
                f"OutDim = {values[4]} are not the windows that begin in ImgDim = {values[0]}",
                "count every window that lies in the image, and none that begins behind it",
            )

    def lead(self, border: Border | None) -> float:
        """The first window, as far as it lies in the image."""
        along_row, along_column = self.axes()
        rows, columns = (min(a.kernel - a.pad, a.extent) - 1 for a in (along_column, along_row))
        return (rows * along_row.extent + columns) / (along_column.extent * along_row.extent)

    def rtl_parameters(self) -> dict[str, int]:
        along_row, along_column = self.axes()
        lanes = self.get_nodeattr("PE")
        return {
            "IN_BITS": along_row.in_bits,
            "IS_SIGNED": int(self.get_input_datatype().signed()),
            "ROW_SUM_BITS": along_row.sum_bits,
            "ROW_BITS": along_row.out_bits,
            "SUM_BITS": along_column.sum_bits,
            "OUT_BITS": along_column.out_bits,
            "SUM": int(self.get_nodeattr("Function") != "max"),
            "MULTIPLE_H": along_column.multiple,
            "MULTIPLE_W": along_row.multiple,
            "LANES": lanes,
            "FOLD": along_row.inner,
            "HEIGHT": along_column.extent,
            "WIDTH": along_row.extent,
            "KERNEL_H": along_column.kernel,
            "KERNEL_W": along_row.kernel,
            "STRIDE_H": along_column.stride,
            "STRIDE_W": along_row.stride,
            "PAD_TOP": along_column.pad,
            "PAD_LEFT": along_row.pad,
            "OUT_HEIGHT": along_column.windows,
            "OUT_WIDTH": along_row.windows,
            "BLOCK_ROW": int(along_row.block_memory(lanes)),
            "BLOCK_RAM": int(along_column.block_memory(lanes)),
        }

    def get_exp_cycles(self) -> int:
        """One input word a cycle, and a cycle for each word of windows that are finished behind a row or below the image;
        below the image the next frame may come in, as far as its first result."""
        along_row, along_column = self.axes()
        rows = along_column.extent * along_row.positions * along_row.inner
        below = (along_column.positions - along_column.extent) * along_column.inner
        return rows + max(0, below - (along_row.kernel - 1 - along_row.pad) * along_row.inner)

    def cost(self) -> Cost:
        """Comparators or adders, partial results and counters of both axes; fitted to Yosys' xc7 netlists."""
        along_row, along_column = self.axes()
        return self._axis_cost(along_row) + self._axis_cost(along_column)

    def _axis_cost(self, axis: WindowAxis) -> Cost:
        lanes, total = int(self.get_nodeattr("PE")), self.get_nodeattr("Function") != "max"
        address, position = (axis.inner - 1).bit_length(), (axis.positions - 1).bit_length()
        phases = (max(axis.kernel - axis.pad, axis.stride) - 1).bit_length() + (axis.stride - 1).bit_length()
        own = Cost(
            lut=8 + 1.2 * (address + position) + 1.8 * phases,
            ff=lanes * axis.in_bits + address + position + phases + 3,
        )
        width = axis.slots * lanes * axis.sum_bits
        if axis.multiple:
            least = min(counted(axis.kernel, axis.stride, axis.pad, axis.windows, axis.extent))
            factor, windows = (axis.multiple // least).bit_length(), (axis.windows - 1).bit_length()
            own += Cost(lut=1.5 * lanes * axis.out_bits * (factor - 1), ff=factor + windows)
        if not width:
            return own
        beyond = axis.positions > axis.extent
        # a result's bit that is added to, or chosen and compared; what begins with a window's first element
        each = 1.0 if total else 1.5
        if axis.stride > 1 and not axis.alone:
            each += 1
        if total and (axis.pad or beyond):
            each += 0.45
        own += Cost(lut=each * width + (axis.slots * lanes if beyond and not total else 0), ff=2)
        if axis.inner == 1:
            return own + Cost(ff=width)
        if total and axis.stride == 1:
            width -= lanes * (axis.sum_bits - axis.in_bits)  # the first slot holds single elements
        return own + memory_cost(axis.inner, width, axis.block_memory(lanes)) + Cost(lut=address, ff=2 * address)
