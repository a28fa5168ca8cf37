"""RTL backend of ConvolutionInputGenerator."""

from __future__ import annotations

from pathlib import Path

from finn.custom_op.fpgadataflow.convolutioninputgenerator import ConvolutionInputGenerator

from hw_flows.operators.base import Cost, RtlOperator
from hw_flows.operators.shared.checks import element, require, require_divides
from hw_flows.operators.shared.memory import (
    LOOP_COUNTER,
    SIMPLE_DUAL_PORT_RAM,
    distributed_luts,
    memory_cost,
    ramb18,
    use_block_memory,
)


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

    def _line_buffer(self, width: int) -> tuple[int, bool]:
        """(words, in block memory?): what a window spans and the way to the next row's first window.

        With that slack the words of the next window are written while one is read. Rounded up to a power of two,
        whose addresses wrap by themselves, where that takes no more memory.
        """
        kernel_h, kernel_w = self.get_nodeattr("ConvKernelDim")
        stride_h, stride_w = self.get_nodeattr("Stride")
        _, columns = self.get_nodeattr("IFMDim")
        _, out_columns = self.get_nodeattr("OFMDim")
        fold = self.get_nodeattr("IFMChannels") // self.get_nodeattr("SIMD")
        span = ((kernel_h - 1) * columns + kernel_w) * fold
        next_row = (stride_h * columns - (out_columns - 1) * stride_w) * fold
        depth = int(span + next_row)
        style = self.get_nodeattr("ram_style")
        block = style == "block" or (style == "auto" and use_block_memory(depth, width))
        power = 1 << (depth - 1).bit_length()
        wrapping_luts = 3 * (depth - 1).bit_length()
        if block and ramb18(power, width) == ramb18(depth, width):
            depth = power
        elif not block and distributed_luts(power, width) <= distributed_luts(depth, width) + wrapping_luts:
            depth = power
        return depth, block

    def get_exp_cycles(self) -> int:
        """One word a cycle, in or out, whichever there are more of."""
        words_in, words_out = 1, 1
        for extent in self.get_folded_input_shape()[:-1]:
            words_in *= int(extent)
        for extent in self.get_folded_output_shape()[:-1]:
            words_out *= int(extent)
        return max(words_in, words_out)

    def cost(self) -> Cost:
        """Line buffer, three addresses and levels, four loop counters; fitted to Yosys' xc7 netlists."""
        p = self.rtl_parameters()
        memory = memory_cost(p["DEPTH"], p["WORD_BITS"], bool(p["BLOCK_RAM"]))
        address = (p["DEPTH"] - 1).bit_length()
        _, out_h, out_w, fold, _ = self.get_folded_output_shape()
        counters = sum(
            (int(n) - 1).bit_length() for n in (out_h, out_w, p["KERNEL_H"], fold // p["KERNEL_H"])
        )
        wrap = 0 if p["DEPTH"] == 1 << address else 3 * address
        return Cost(
            lut=memory.lut + 10 + 3 * address + wrap + 1.5 * counters,
            ff=memory.ff + 1 + 3 * address + counters,
            lutram=memory.lutram,
            bram36=memory.bram36,
        )
