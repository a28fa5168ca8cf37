# SPDX-License-Identifier: BSD-3-Clause
"""RTL backend of ConvolutionInputGenerator."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from pathlib import Path

from finn.custom_op.fpgadataflow.convolutioninputgenerator import ConvolutionInputGenerator

from hw_flows.operators.base import Attributes, Border, Cost, RtlOperator
from hw_flows.operators.memory import ram_luts, ramb18
from hw_flows.operators.shared import LOOP_COUNTER, SIMPLE_DUAL_PORT_RAM
from hw_flows.operators.shared.checks import element, require, require_divides
from hw_flows.operators.shared.ram import memory_cost, use_block_memory


class OpenConvolutionInputGenerator_rtl(RtlOperator, ConvolutionInputGenerator):
    """Input (1, H, W, C), output (1, OH, OW, kh * kw * C) in the order kh, kw, C.

    SIMD elements a word; with `parallel_window` SIMD = C, and a word out is a whole window of kh * kw * C elements.
    In this order for depthwise convolutions, too: `depthwise` and `dynamic_mode` are 0. No dilation with `parallel_window`.
    One word a cycle is read of the line buffer, which has one port for it; no line buffer can be smaller than what a window
    spans, ((kh - 1) * dh * W + (kw - 1) * dw + 1) * C elements, and a row more keeps the output busy (see `_line_buffer`).
    """

    module = "qu_sliding_window"
    sources = (
        LOOP_COUNTER,
        SIMPLE_DUAL_PORT_RAM,
        *(Path(__file__).with_name(f"qu_{name}.sv") for name in ("window_reader", "column_window", "sliding_window")),
    )

    def lanes_divide(self) -> int:
        return int(self.get_nodeattr("IFMChannels"))

    def folding_choices(self) -> Iterator[Attributes]:
        """Also the whole window at once, where that is more than a pixel."""
        for lanes in super().folding_choices():
            yield *lanes, ("parallel_window", 0)
        if max(self.get_nodeattr("ConvKernelDim")) > 1 and max(self.get_nodeattr("Dilation")) == 1:
            yield ("SIMD", self.lanes_divide()), ("parallel_window", 1)

    def lead(self, border: Border | None) -> float:
        """The rows and pixels of the first window that are no border."""
        kernel_h, kernel_w = self._reach()
        image = border or Border(0, 0, *map(int, self.get_nodeattr("IFMDim")))
        ahead = (kernel_h - 1 - image.top) * image.width + kernel_w - 1 - image.left
        return max(0, ahead) / (image.height * image.width)

    def get_nodeattr_types(self) -> dict[str, tuple]:
        types = super().get_nodeattr_types()
        # FINN's default says "distributed" without meaning it
        types["ram_style"] = ("s", False, "auto", {"auto", "block", "distributed"})
        return types

    def use_parallel_window_output(self) -> bool:
        """What FINN's shapes and widths follow."""
        return bool(self.get_nodeattr("parallel_window"))

    def rtl_parameters(self) -> dict[str, int]:
        self._check()
        bits, _ = element(self, self.get_input_datatype())
        simd = self.get_nodeattr("SIMD")
        kernel, stride, size = (self.get_nodeattr(a) for a in ("ConvKernelDim", "Stride", "IFMDim"))
        depth, block = self._line_buffer(simd * bits)
        return {
            "WORD_BITS": simd * bits,
            "FOLD": self.get_nodeattr("IFMChannels") // simd,
            "HEIGHT": int(size[0]),
            "WIDTH": int(size[1]),
            "KERNEL_H": int(kernel[0]),
            "KERNEL_W": int(kernel[1]),
            "STRIDE_H": int(stride[0]),
            "STRIDE_W": int(stride[1]),
            "DILATION_H": int(self.get_nodeattr("Dilation")[0]),
            "DILATION_W": int(self.get_nodeattr("Dilation")[1]),
            "DEPTH": depth,
            "BLOCK_RAM": int(block),
            "PARALLEL": int(self.use_parallel_window_output()),
        }

    def _check(self) -> None:
        require_divides(self, "SIMD", "IFMChannels")
        simd, channels = self.get_nodeattr("SIMD"), self.get_nodeattr("IFMChannels")
        require(
            simd == channels or not self.use_parallel_window_output(),
            self,
            f"parallel_window = 1 with SIMD = {simd}, but IFMChannels = {channels}",
            "set SIMD to IFMChannels, or parallel_window to 0",
        )
        for attribute in ("depthwise", "dynamic_mode"):
            require(
                self.get_nodeattr(attribute) == 0,
                self,
                f"{attribute} = 1 has no portable RTL",
                f"set {attribute} to 0, or use a dense convolution",
            )
        dilation = list(self.get_nodeattr("Dilation"))
        require(
            len(dilation) == 2 and min(dilation) >= 1,
            self,
            f"Dilation = {dilation} is not positive",
            "give two positive integers",
        )
        require(
            dilation == [1, 1] or not self.use_parallel_window_output(),
            self,
            f"parallel_window = 1 with Dilation = {dilation} has no RTL",
            "set parallel_window to 0",
        )
        kernel, stride, size = (list(self.get_nodeattr(a)) for a in ("ConvKernelDim", "Stride", "IFMDim"))
        require(
            len(kernel) == len(size) == 2
            and min(kernel) >= 1
            and all(k <= d for k, d in zip(self._reach(), size, strict=True)),
            self,
            f"ConvKernelDim = {kernel} with Dilation = {dilation} does not fit IFMDim = {size}",
            "give a kernel that is no larger than the padded image",
        )
        require(min(stride) >= 1, self, f"Stride = {stride} is not positive", "give two positive integers")
        expected = [(d - k) // s + 1 for d, k, s in zip(size, self._reach(), stride, strict=True)]
        require(
            list(self.get_nodeattr("OFMDim")) == expected,
            self,
            f"OFMDim = {list(self.get_nodeattr('OFMDim'))} but kernel, stride and IFMDim make {expected}",
            f"set OFMDim to {expected}",
        )

    def _reach(self) -> tuple[int, int]:
        """Rows and columns from the first to the last of the kernel."""
        kernel, dilation = self.get_nodeattr("ConvKernelDim"), self.get_nodeattr("Dilation")
        return (int(kernel[0]) - 1) * int(dilation[0]) + 1, (int(kernel[1]) - 1) * int(dilation[1]) + 1

    def _reads(self) -> tuple[int, int, int]:
        """What the line buffer is read for: kernel width, stride and number of positions in a row.

        With a parallel window these are single columns, all of a row.
        """
        if self.use_parallel_window_output():
            return 1, 1, int(self.get_nodeattr("IFMDim")[1])
        kernel, stride, out = (self.get_nodeattr(a) for a in ("ConvKernelDim", "Stride", "OFMDim"))
        return int(kernel[1]), int(stride[1]), int(out[1])

    def _geometry(self) -> tuple[int, int, int]:
        """Words of the input stream that a window spans, and from one window to the next row's (or column's, if that is
        further) and to the next frame's; with a parallel window, those of a window's column."""
        kernel_w, stride_w, out_columns = self._reads()
        reach_h, stride_h = self._reach()[0], int(self.get_nodeattr("Stride")[0])
        reach_w = (kernel_w - 1) * int(self.get_nodeattr("Dilation")[1]) + 1
        rows, columns = map(int, self.get_nodeattr("IFMDim"))
        out_rows = int(self.get_nodeattr("OFMDim")[0])
        fold = self.get_nodeattr("IFMChannels") // self.get_nodeattr("SIMD")
        span = ((reach_h - 1) * columns + reach_w) * fold
        row = max(stride_h * columns - (out_columns - 1) * stride_w, stride_w) * fold
        frame = ((rows - (out_rows - 1) * stride_h) * columns - (out_columns - 1) * stride_w) * fold
        return span, row, frame

    def _words(self) -> tuple[int, int]:
        """Words of a frame that the line buffer takes and gives."""
        kernel_w, _, out_columns = self._reads()
        kernel_h, out_rows = int(self.get_nodeattr("ConvKernelDim")[0]), int(self.get_nodeattr("OFMDim")[0])
        fold = self.get_nodeattr("IFMChannels") // self.get_nodeattr("SIMD")
        return int(prod(self.get_folded_input_shape()[:-1])), out_rows * out_columns * kernel_h * kernel_w * fold

    def _line_buffer(self, width: int) -> tuple[int, bool]:
        """(words, in block memory?) of the line buffer.

        What a window spans and the way to the next row's first window keeps the output busy within a frame. The output
        stays busy at the end of a frame if the next frame's first window finds room while the last rows are read. That
        much is taken where the gap would be more than a hundredth of a frame, and where it is free, since block memory
        comes in large pieces. Powers of two wrap their addresses by themselves.
        """
        span, row, frame = self._geometry()
        seamless = max(span + row, span + frame)
        depth = seamless if 100 * frame > max(self._words()) else span + row
        style = self.get_nodeattr("ram_style")
        block = style == "block" or (style == "auto" and use_block_memory(depth, width))
        power = _power_of_two(depth)
        if block:
            pieces = ramb18(depth, width)
            while power < seamless and ramb18(2 * power, width) == pieces:
                power *= 2
            return (power if ramb18(power, width) == pieces else depth), True
        wrapping = 3 * (depth - 1).bit_length()
        cheap = ram_luts(power, width) <= ram_luts(depth, width) + wrapping
        return (power if cheap else depth), False

    def get_exp_cycles(self) -> int:
        """One word a cycle into or out of the line buffer, whichever are more; and the gap while the next frame's first
        window comes in."""
        words_in, words_out = self._words()
        span, _, frame = self._geometry()
        p = self.rtl_parameters()
        return max(words_in, words_out + max(0, span + frame - p["DEPTH"]))

    def cost(self) -> Cost:
        """Line buffer, three addresses and levels, loop counters; fitted to Yosys' xc7 netlists."""
        p = self.rtl_parameters()
        memory = memory_cost(p["DEPTH"], p["WORD_BITS"], bool(p["BLOCK_RAM"]))
        address = (p["DEPTH"] - 1).bit_length()
        kernel_w, _, out_columns = self._reads()
        loops = [int(self.get_nodeattr("OFMDim")[0]), out_columns, p["KERNEL_H"], kernel_w * p["FOLD"]]
        registers = 0
        if p["PARALLEL"]:
            loops += [p["WIDTH"], p["KERNEL_H"], p["KERNEL_W"]]
            registers = (p["KERNEL_W"] * p["KERNEL_H"] + p["KERNEL_H"] - 1) * p["WORD_BITS"] + 1
        counters = sum((n - 1).bit_length() for n in loops)
        wrap = 0 if p["DEPTH"] == 1 << address else 0.21 * address
        return Cost(
            lut=memory.lut + 19.6 + 1.03 * address + wrap + 1.97 * counters,
            ff=memory.ff + registers + 1 + 3 * address + counters,
            lutram=memory.lutram,
            bram36=memory.bram36,
        )


def _power_of_two(value: int) -> int:
    """The smallest power of two that is at least `value`."""
    return 1 << (value - 1).bit_length()
