# SPDX-License-Identifier: BSD-3-Clause
"""RTL backend of FINN's vector-vector activation unit (VVAU) without activation."""

from __future__ import annotations

from collections.abc import Iterator
from math import log2, prod
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from finn.custom_op.fpgadataflow.vectorvectoractivation import VVAU

from hw_flows.accelerator import Role
from hw_flows.operators.base import Attributes, Border, Cost, RtlOperator, divisors
from hw_flows.operators.grouped_vector_vector.hw import grouped_products
from hw_flows.operators.matrix_vector import rtl as matrix_vector
from hw_flows.operators.matrix_vector.rtl import booth_error, chain_length, dot_products_cost, pack_words
from hw_flows.operators.memory import prefers_block, rom_block_luts, rom_luts, rom_ramb18, varying_bits
from hw_flows.operators.shared import LOOP_COUNTER, SIMPLE_DUAL_PORT_RAM
from hw_flows.operators.shared.checks import factor_bits, require, require_divides
from hw_flows.operators.shared.ram import memory_cost, use_block_memory

_MATRIX_VECTOR = Path(matrix_vector.__file__).parent
#: Part that is left of products where every weight is a constant of its own: 0.49 to 0.58 of the LUTs and 0.78 to 0.94 of the
#: registers in six configurations of 2 to 8 bits, 3 to 25 taps and random weights.
_CONSTANT_LUTS, _CONSTANT_FFS = 0.54, 0.82
_PRODUCTS = ("booth_chain", "adder_tree", "dot_product", "weights")


class VectorVectorRtl(RtlOperator):
    """What stands before VVAU, or an operator that has its attributes: `Channels` are the groups of channels.

    Output[..., g, o] = sum over taps and i of input[..., tap, g, i] * weights[g, o, i, tap].
    """

    module: ClassVar[str] = "qu_vector_vector"
    sources: ClassVar[tuple[Path, ...]] = (
        LOOP_COUNTER,
        SIMPLE_DUAL_PORT_RAM,
        *(_MATRIX_VECTOR / f"qu_{name}.sv" for name in _PRODUCTS),
        Path(__file__).with_name("qu_vector_vector.sv"),
    )
    role: ClassVar[Role] = Role.MATRIX

    def get_nodeattr_types(self) -> dict[str, Any]:
        """FINN's; products are in LUTs."""
        return {
            **super().get_nodeattr_types(),
            "resType": ("s", False, "auto", {"auto", "lut"}),
            "ram_style": ("s", False, "auto", {"auto", "block", "distributed"}),
        }

    def execute_node(self, context: dict[str, np.ndarray], graph: Any) -> None:
        if self.get_nodeattr("exec_mode") == "rtlsim":
            super().execute_node(context, graph)
            return
        group_in, _ = self.group()
        x, weights = (context[name] for name in self.onnx_node.input[:2])
        context[self.onnx_node.output[0]] = grouped_products(x, weights, int(self.get_nodeattr("Channels")), group_in)

    # --- choices ----------------------------------------------------------------------------------------------------
    def group(self) -> tuple[int, int]:
        """Channels of a group, in and out."""
        return 1, 1

    def _factors(self) -> int:
        """Products of an output and a word."""
        return int(self.get_nodeattr("SIMD")) * self.group()[0]

    def _sums(self) -> int:
        """Outputs of a word."""
        return int(self.get_nodeattr("PE")) * self.group()[1]

    def _taps(self) -> int:
        return int(prod(self.get_nodeattr("Kernel")))

    def folds(self) -> tuple[int, int]:
        """(SF, NF): words of a window for each group of channels, groups of channels."""
        require_divides(self, "PE", "Channels")
        pe, simd, channels = (int(self.get_nodeattr(a)) for a in ("PE", "SIMD", "Channels"))
        require(
            simd >= 1 and self._taps() % simd == 0,
            self,
            f"SIMD = {simd} does not divide Kernel = {list(self.get_nodeattr('Kernel'))}",
            f"set SIMD to a divisor of {self._taps()}",
        )
        require(
            simd == 1 or pe == channels,
            self,
            f"SIMD = {simd} with PE = {pe}, but Channels = {channels}",
            "set SIMD to 1, or PE to Channels",
        )
        return self._taps() // simd, channels // pe

    def _bits(self) -> tuple[int, bool, int, int]:
        """Bits of input, whether it is signed, bits of weight and output; raises UserError for types without RTL."""
        return factor_bits(self, "vector-vector", 9)

    def chain(self) -> int:
        return chain_length(self._factors(), self._bits()[2])

    def bias_bits(self) -> int:
        """Bits of any constant that can make up for `booth_error`, two's complement."""
        weight_bits = self._bits()[2]
        values = np.arange(-(1 << (weight_bits - 1)), 1 << (weight_bits - 1))
        largest = self._taps() * self.group()[0] * int(booth_error(values, weight_bits, False).max()) + self.folds()[0]
        return min(largest.bit_length() + 1, self._bits()[3])

    def _weight_bits(self) -> int:
        """Of a word."""
        return self._sums() * self._factors() * self._bits()[2]

    def block_weights(self) -> bool:
        words, style = prod(self.folds()), self.get_nodeattr("ram_style")
        if words == 1 or style == "distributed":
            return False
        width = self._weight_bits()
        return style == "block" or prefers_block(rom_luts(words, width), rom_ramb18(words, width))

    def block_sums(self) -> bool:
        sf, nf = self.folds()
        return sf > 1 and nf > 1 and use_block_memory(nf, self._sums() * self._bits()[3])

    def folding_choices(self) -> Iterator[Attributes]:
        channels = int(self.get_nodeattr("Channels"))
        for pe in divisors(channels):
            yield ("PE", pe), ("SIMD", 1)
        for simd in divisors(self._taps())[1:]:
            yield ("PE", channels), ("SIMD", simd)

    def lead(self, border: Border | None) -> float:
        """The pixel that it works on."""
        return 1 / prod(map(int, self.get_nodeattr("Dim")))

    # --- declaration ------------------------------------------------------------------------------------------------
    def products(self) -> tuple[int, int]:
        each = self._taps() * prod(self.group()) * int(self.get_nodeattr("Channels"))
        return self._sums() * self._factors(), prod(map(int, self.get_nodeattr("Dim"))) * each

    def rtl_parameters(self) -> dict[str, int]:
        self.folds()
        data_bits, data_signed, weight_bits, out_bits = self._bits()
        return {
            "GROUPS": int(self.get_nodeattr("Channels")),
            "GROUP_IN": self.group()[0],
            "GROUP_OUT": self.group()[1],
            "TAPS": self._taps(),
            "PE": int(self.get_nodeattr("PE")),
            "SIMD": int(self.get_nodeattr("SIMD")),
            "IN_BITS": data_bits,
            "IN_SIGNED": int(data_signed),
            "WEIGHT_BITS": weight_bits,
            "OUT_BITS": out_bits,
            "CHAIN": self.chain(),
            "BIAS_BITS": self.bias_bits(),
            "BLOCK_WEIGHTS": int(self.block_weights()),
            "BLOCK_SUMS": int(self.block_sums()),
        }

    def rtl_memories(self, model: Any) -> dict[str, str]:
        """Weights, one line a cycle, those of an output word's element side by side, taps outermost; biases, one line for each
        output word."""
        sf, nf = self.folds()
        simd, pe = int(self.get_nodeattr("SIMD")), int(self.get_nodeattr("PE"))
        group_in, group_out = self.group()
        bits = self._bits()[2]
        weights = np.asarray(model.get_initializer(self.onnx_node.input[1])).astype(np.int64)
        shape = (nf * pe * group_out, group_in, *map(int, self.get_nodeattr("Kernel")))
        require(
            weights.shape == shape,
            self,
            f"weights have shape {weights.shape}, must be {shape}",
            "correct Channels or Kernel",
        )
        require(
            -(1 << (bits - 1)) <= weights.min() and weights.max() < 1 << (bits - 1),
            self,
            f"weights {weights.min()} to {weights.max()} do not fit {bits} bits",
            "correct weightDataType",
        )
        # [word of the window, output word, element of it, tap of the word, channel of the group], then the last two as one
        folded = weights.reshape(nf, pe * group_out, group_in, sf, simd).transpose(3, 0, 1, 4, 2)
        folded = folded.reshape(sf, nf, self._sums(), self._factors())
        leads = np.broadcast_to(np.arange(self._factors()) % self.chain() == 0, folded.shape)
        biases = -booth_error(folded, bits, leads).sum(axis=(0, 3)) - sf  # the sums add 1 with every word
        return {
            "_weights.mem": pack_words(folded.reshape(sf * nf, -1), bits),
            "_biases.mem": pack_words(biases, self.bias_bits()),
        }

    def get_exp_cycles(self) -> int:
        """One word a cycle."""
        return int(prod(self.get_nodeattr("Dim"))) * prod(self.folds())

    # --- cost -------------------------------------------------------------------------------------------------------
    def cost(self) -> Cost:
        """Counted from the structure, as the matrix-vector unit's; checked by `benchmarks/cost_model.py`."""
        return self._cost(self._weight_bits() if prod(self.folds()) > 1 else 0)

    def cost_of(self, model: Any) -> Cost:
        """With the weights known: bits that are the same in all words need no memory."""
        return self._cost(varying_bits(self.memories(model)["_weights.mem"]))

    def _cost(self, weights: int) -> Cost:
        """`weights`: bits of a word of the weight memory that vary."""
        sf, nf = self.folds()
        data_bits, _, weight_bits, out_bits = self._bits()
        pe, sums, factors = int(self.get_nodeattr("PE")), self._sums(), self._factors()
        words = sf * nf
        total = Cost(
            lut=2 * log2(max(2, words)) + 2 * log2(max(2, nf)) + 8 + sums * out_bits,
            ff=2 * log2(max(2, words)) + log2(max(2, nf)) + 8 + factors * pe * data_bits + sums * out_bits,
        )
        if words > 1 and self.block_weights():
            total += Cost(lut=rom_block_luts(words, weights), bram36=rom_ramb18(words, weights) / 2)
        elif words > 1:
            # no more different columns than functions of the address
            columns = weights if words > 6 else min(weights, (1 << words) - 2)
            total += Cost(lut=rom_luts(words, columns), ff=columns)
        if nf > 8:  # the constants that the sums begin with; fewer fit into the adders' LUTs
            total += Cost(lut=rom_luts(nf, sums * self.bias_bits()))
        if sf > 1 and nf > 1:
            total += memory_cost(nf, sums * out_bits, self.block_sums())
        each, shared_ff = dot_products_cost(factors, self.chain(), data_bits, weight_bits)
        products = each * sums + Cost(ff=shared_ff * pe)
        if words == 1:
            products = Cost(lut=_CONSTANT_LUTS * products.lut, ff=_CONSTANT_FFS * products.ff, lutram=products.lutram)
        return total + products


class OpenVVAU_rtl(VectorVectorRtl, VVAU):
    """Output[..., c] = sum over taps of input[..., tap, c] * weights[c, tap]; thresholds are an operator of their own.

    Input (1, OH, OW, kh * kw * C) in the order kh, kw, C, which is that of every sliding window here; FINN's own unit has the
    channels in groups of PE outermost. `PE` channels (divides C) of `SIMD` taps (divides kh * kw; 1 unless PE is C) a cycle.

    A depthwise convolution has OH * OW * kh * kw * C products. It takes as many cycles as PE * SIMD units need for them,
    so none of them is ever idle while words come, and no product with a zero of a dense matrix is made. Beside the weights it
    keeps a sum for each channel, C / PE words, where the groups of channels outermost would need one word but a sliding window
    whose lanes have to be PE.
    """
