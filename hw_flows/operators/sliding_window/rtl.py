"""RTL backend of ConvolutionInputGenerator."""

from __future__ import annotations

from math import prod
from pathlib import Path

from finn.custom_op.fpgadataflow.convolutioninputgenerator import ConvolutionInputGenerator

from hw_flows.operators.base import Cost, RtlOperator
from hw_flows.operators.memory import ram_luts, ramb18
from hw_flows.operators.shared import LOOP_COUNTER, SIMPLE_DUAL_PORT_RAM
from hw_flows.operators.shared.checks import element, require, require_divides
from hw_flows.operators.shared.ram import memory_cost, use_block_memory


class OpenConvolutionInputGenerator_rtl(RtlOperator, ConvolutionInputGenerator):
    """Input (1, H, W, C), output (1, OH, OW, kh * kw * C) in the order kh, kw, C; SIMD elements a word.

    For dense convolutions without dilation: `depthwise`, `parallel_window`, `dynamic_mode` 0 and `Dilation` [1, 1].
    """

    module = "sliding_window"
    sources = (LOOP_COUNTER, SIMPLE_DUAL_PORT_RAM, Path(__file__).with_name("sliding_window.sv"))

    def get_nodeattr_types(self) -> dict[str, tuple]:
        types = super().get_nodeattr_types()
        # FINN's default says "distributed" without meaning it
        types["ram_style"] = ("s", False, "auto", {"auto", "block", "distributed"})
        return types

    def use_parallel_window_output(self) -> bool:
        """FINN asks; one window word at a time is all there is here."""
        return False

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
            "DEPTH": depth,
            "BLOCK_RAM": int(block),
        }

    def _check(self) -> None:
        require_divides(self, "SIMD", "IFMChannels")
        for attribute in ("depthwise", "parallel_window", "dynamic_mode"):
            require(
                self.get_nodeattr(attribute) == 0,
                self,
                f"{attribute} = 1 has no portable RTL",
                f"set {attribute} to 0, or use a dense convolution",
            )
        require(
            list(self.get_nodeattr("Dilation")) == [1, 1],
            self,
            f"Dilation = {list(self.get_nodeattr('Dilation'))} has no portable RTL",
            "use a convolution without dilation",
        )
        kernel, stride, size = (list(self.get_nodeattr(a)) for a in ("ConvKernelDim", "Stride", "IFMDim"))
        require(
            len(kernel) == len(size) == 2 and all(1 <= k <= d for k, d in zip(kernel, size, strict=True)),
            self,
            f"ConvKernelDim = {kernel} does not fit IFMDim = {size}",
            "give a kernel that is no larger than the padded image",
        )
        require(min(stride) >= 1, self, f"Stride = {stride} is not positive", "give two positive integers")
        expected = [(d - k) // s + 1 for d, k, s in zip(size, kernel, stride, strict=True)]
        require(
            list(self.get_nodeattr("OFMDim")) == expected,
            self,
            f"OFMDim = {list(self.get_nodeattr('OFMDim'))} but kernel, stride and IFMDim make {expected}",
            f"set OFMDim to {expected}",
        )

    def _geometry(self) -> tuple[int, int, int]:
        """Words of the input stream that a window spans, and from one window to the next row's (or column's, if that is
        further) and to the next frame's."""
        kernel_h, kernel_w = map(int, self.get_nodeattr("ConvKernelDim"))
        stride_h, stride_w = map(int, self.get_nodeattr("Stride"))
        rows, columns = map(int, self.get_nodeattr("IFMDim"))
        out_rows, out_columns = map(int, self.get_nodeattr("OFMDim"))
        fold = self.get_nodeattr("IFMChannels") // self.get_nodeattr("SIMD")
        span = ((kernel_h - 1) * columns + kernel_w) * fold
        row = max(stride_h * columns - (out_columns - 1) * stride_w, stride_w) * fold
        frame = ((rows - (out_rows - 1) * stride_h) * columns - (out_columns - 1) * stride_w) * fold
        return span, row, frame

    def _words(self) -> tuple[int, int]:
        """Words of a frame on the input and on the output."""
        return int(prod(self.get_folded_input_shape()[:-1])), int(prod(self.get_folded_output_shape()[:-1]))

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
        """One word a cycle, in or out, whichever are more; and the gap while the next frame's first window comes in."""
        words_in, words_out = self._words()
        span, _, frame = self._geometry()
        p = self.rtl_parameters()
        return max(words_in, words_out + max(0, span + frame - p["DEPTH"]))

    def cost(self) -> Cost:
        """Line buffer, three addresses and levels, four loop counters; fitted to Yosys' xc7 netlists."""
        p = self.rtl_parameters()
        memory = memory_cost(p["DEPTH"], p["WORD_BITS"], bool(p["BLOCK_RAM"]))
        address = (p["DEPTH"] - 1).bit_length()
        _, out_h, out_w, fold, _ = self.get_folded_output_shape()
        counters = sum((int(n) - 1).bit_length() for n in (out_h, out_w, p["KERNEL_H"], fold // p["KERNEL_H"]))
        wrap = 0 if p["DEPTH"] == 1 << address else 2 * address
        return Cost(
            lut=17 + 0.5 * address + wrap + counters,
            ff=memory.ff + 1 + 3 * address + counters,
            lutram=memory.lutram,
            bram36=memory.bram36,
        )


def _power_of_two(value: int) -> int:
    """The smallest power of two that is at least `value`."""
    return 1 << (value - 1).bit_length()
