"""RTL backend of FINN's matrix-vector activation unit (MVAU) without activation."""

from __future__ import annotations

from math import ceil, log2
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from finn.custom_op.fpgadataflow.matrixvectoractivation import MVAU

from hw_flows.operators.base import Cost, RtlOperator
from hw_flows.operators.memory import prefers_block, ram_luts, ramb18, rom_luts
from hw_flows.operators.shared.checks import element, require, require_divides

_HERE = Path(__file__).parent
_FILES = ("booth_chain", "adder_tree", "dot_product", "multipliers", "weights", "replay_buffer", "matrix_vector")


def booth_error(weights: np.ndarray, bits: int, leads: np.ndarray | bool) -> np.ndarray:
    """By how much `booth_chain.sv` is off data * weight, whatever the data.

    Digit k of a weight (its bits 2k+1, 2k, 2k-1) makes 4**k too much where it is positive; digit 0 of a weight that leads its
    chain makes 1 too little where it is negative, instead. Weights and leads: arrays of one shape.
    """
    total = np.zeros_like(weights)
    for k in range((bits + 1) // 2):
        digit = (weights * 2 >> 2 * k) & 7
        positive, negative = (digit >= 1) & (digit <= 3), (digit >= 4) & (digit <= 6)
        if k == 0:
            total += np.where(leads, -1 * negative, 1 * positive)
        else:
            total += 4**k * positive
    return total


class OpenMVAU_rtl(RtlOperator, MVAU):
    """Output[..., MH] = input[..., MW] times weights[MW, MH]; thresholds are an operator of their own.

    `SIMD` input elements a cycle (divides MW), `PE` outputs at a time (divides MH): MW / SIMD * MH / PE cycles a vector.
    `resType` "auto" and "lut" build products in LUTs, "dsp" one or two in a DSP slice. `ram_style` places the weights.
    """

    module: ClassVar[str] = "matrix_vector"
    sources: ClassVar[tuple[Path, ...]] = (
        _HERE.parent / "shared" / "simple_dual_port_ram.sv",
        *(_HERE / f"{name}.sv" for name in _FILES),
    )

    # --- choices ----------------------------------------------------------------------------------------------------
    def folds(self) -> tuple[int, int]:
        """(SF, NF): words of an input vector, words of an output vector."""
        require_divides(self, "SIMD", "MW")
        require_divides(self, "PE", "MH")
        mw, mh, simd, pe = (int(self.get_nodeattr(a)) for a in ("MW", "MH", "SIMD", "PE"))
        return mw // simd, mh // pe

    def _bits(self) -> tuple[int, bool, int, int]:
        """Bits of input, whether it is signed, bits of weight and output; raises UserError for types without RTL."""
        data, weight, result = self.get_input_datatype(0), self.get_input_datatype(1), self.get_output_datatype()
        require(
            bool(self.get_nodeattr("noActivation")),
            self,
            "noActivation is 0: thresholds inside the matrix-vector unit have no RTL",
            "put a Thresholding node behind it",
        )
        data_bits, data_signed = element(self, data)
        require(data_bits <= 9, self, f"inputDataType is {data.name}, at most 9 bits can be multiplied", "quantize it")
        weight_bits = weight.bitwidth() + (0 if weight.signed() else 1)  # no weight negative: the sign bit is always 0
        require(
            weight.is_integer() and weight_bits <= 8,
            self,
            f"weightDataType is {weight.name}, must be an integer of at most 8 bits with sign",
            "quantize the weights",
        )
        result_bits, _ = element(self, result)  # sums are right modulo 2**bits, so an unsigned result is too
        return data_bits, bool(data_signed), max(2, weight_bits), result_bits

    def products_per_dsp(self) -> int:
        """0: products in LUTs; 2 where two fit one 25 x 18 bit multiplier (`multipliers.sv`), else 1."""
        if self.get_nodeattr("resType") != "dsp":
            return 0
        data_bits, _, weight_bits, _ = self._bits()
        return 2 if 2 * data_bits + weight_bits <= 16 else 1

    def chain(self) -> int:
        """Products in one chain of adders: chains of equal length, of at most four rows unless one product has more.

        Longer ones save no LUTs and cost registers for the operands that wait.
        """
        simd, digits = int(self.get_nodeattr("SIMD")), (self._bits()[2] + 1) // 2
        chains = ceil(simd / max(1, 4 // digits))
        return ceil(simd / chains)

    def bias_bits(self) -> int:
        """Bits of any constant that can make up for `booth_error`, two's complement."""
        weight_bits = self._bits()[2]
        values = np.arange(-(1 << (weight_bits - 1)), 1 << (weight_bits - 1))
        mw = int(self.get_nodeattr("MW"))
        largest = mw * int(booth_error(values, weight_bits, False).max()) + self.folds()[0]
        return min(largest.bit_length() + 1, self._bits()[3])

    def block_weights(self) -> bool:
        sf, nf = self.folds()
        width = int(self.get_nodeattr("PE")) * int(self.get_nodeattr("SIMD")) * self._bits()[2]
        style = self.get_nodeattr("ram_style")
        if sf * nf == 1 or style == "distributed":
            return False
        return style == "block" or prefers_block(rom_luts(sf * nf, width), ramb18(sf * nf, width))

    def block_buffer(self) -> bool:
        sf, nf = self.folds()
        width = int(self.get_nodeattr("SIMD")) * self._bits()[0]
        return nf > 1 and sf > 1 and prefers_block(ram_luts(sf, width), ramb18(sf, width))

    # --- declaration ------------------------------------------------------------------------------------------------
    def rtl_parameters(self) -> dict[str, int]:
        self.folds()
        data_bits, data_signed, weight_bits, out_bits = self._bits()
        require(
            self.get_nodeattr("ram_style") != "ultra",
            self,
            "ram_style is `ultra`, which 7-series and ECP5 devices lack",
            "use `auto`",
        )
        return {
            **{name: int(self.get_nodeattr(name)) for name in ("MW", "MH", "SIMD", "PE")},
            "IN_BITS": data_bits,
            "IN_SIGNED": int(data_signed),
            "WEIGHT_BITS": weight_bits,
            "OUT_BITS": out_bits,
            "USE_DSP": self.products_per_dsp(),
            "CHAIN": self.chain(),
            "BIAS_BITS": self.bias_bits(),
            "BLOCK_WEIGHTS": int(self.block_weights()),
            "BLOCK_BUFFER": int(self.block_buffer()),
        }

    def rtl_memories(self, model: Any) -> dict[str, str]:
        """Weights, one line a cycle, product of PE p and element s at (p * SIMD + s) * bits; biases, one line a fold."""
        sf, nf = self.folds()
        simd, pe = int(self.get_nodeattr("SIMD")), int(self.get_nodeattr("PE"))
        bits, bias_bits = self._bits()[2], self.bias_bits()
        matrix = np.asarray(model.get_initializer(self.onnx_node.input[1])).astype(np.int64)  # [MW, MH]
        require(
            matrix.shape == (sf * simd, nf * pe),
            self,
            f"weights have shape {matrix.shape}, must be ({sf * simd}, {nf * pe})",
            "correct MW or MH",
        )
        require(
            -(1 << (bits - 1)) <= matrix.min() and matrix.max() < 1 << (bits - 1),
            self,
            f"weights {matrix.min()} to {matrix.max()} do not fit {bits} bits",
            "correct weightDataType",
        )
        # [fold of outputs, word of the vector, PE, SIMD]
        folded = matrix.reshape(sf, simd, nf, pe).transpose(2, 0, 3, 1)
        words = _pack(folded.reshape(nf * sf, pe * simd), bits)
        if self.products_per_dsp():
            return {"_weights.mem": words}
        # The accumulator adds 1 with every word (see matrix_vector.sv).
        leads = np.broadcast_to(np.arange(simd) % self.chain() == 0, folded.shape)
        biases = -booth_error(folded, bits, leads).sum(axis=(1, 3)) - sf  # [NF, PE]
        return {"_weights.mem": words, "_biases.mem": _pack(biases, bias_bits)}

    def get_exp_cycles(self) -> int:
        sf, nf = self.folds()
        return int(np.prod(self.get_nodeattr("numInputVectors"))) * sf * nf

    # --- cost -------------------------------------------------------------------------------------------------------
    def cost(self) -> Cost:
        """Counted from the structure (one LUT and one FF per adder bit), memories from `memory`.

        Yosys, 7-series, MW 72, MH 16, SIMD 8, PE 4, weights in block memory: 9.2, 16, 20, 31, 37, 57 LUTs per product of
        2x2, 3x3, 4x4, 5x5, 6x6, 8x8 bits, accumulator and control included; in DSP slices 8 LUTs and half a slice at 4x4.
        """
        sf, nf = self.folds()
        data_bits, _, weight_bits, out_bits = self._bits()
        _mw, simd, pe = (int(self.get_nodeattr(a)) for a in ("MW", "SIMD", "PE"))
        lut: float = 3 * log2(max(2, sf * nf)) + 12
        ff: float = 2 * log2(max(2, sf * nf)) + 12 + simd * data_bits
        lutram = bram36 = dsp = 0.0
        width = pe * simd * weight_bits
        if sf * nf > 1:
            if self.block_weights():
                bram36 += ramb18(sf * nf, width) / 2
            else:
                lut += rom_luts(sf * nf, width)
                ff += width
        if nf > 1 and sf > 1:
            if self.block_buffer():
                bram36 += ramb18(sf, simd * data_bits) / 2
            else:
                lutram += ram_luts(sf, simd * data_bits)
        product = data_bits + weight_bits
        if self.products_per_dsp():
            leaves = ceil(simd / self.products_per_dsp())
            leaf = product + self.products_per_dsp() - 1
            dsp += pe * leaves
            lut += pe * leaves * weight_bits * (self.products_per_dsp() - 1)
            ff += pe * simd * product
        else:
            chain, digits = self.chain(), (weight_bits + 1) // 2
            leaves = ceil(simd / chain)
            leaf = product + (chain - 1).bit_length()
            for i in range(simd):
                bits = product + (i % chain).bit_length()
                lut += pe * sum(bits - 2 * k for k in range(digits))
                ff += pe * (bits + weight_bits)
        level = 0
        while leaves > 1:
            level += 1
            lut += pe * (leaves // 2) * (leaf + level)
            ff += pe * ceil(leaves / 2) * (leaf + level)
            leaves = ceil(leaves / 2)
        lut += pe * out_bits
        ff += pe * out_bits
        return Cost(lut=lut, ff=ff, lutram=lutram, bram36=bram36, dsp=dsp)


def _pack(rows: np.ndarray, bits: int) -> str:
    """Lines for `$readmemh`: each row's values of `bits` bits, the first in the lowest bits."""
    mask = (1 << bits) - 1
    lines = []
    for row in rows.tolist():
        word = 0
        for value in reversed(row):
            word = word << bits | value & mask
        lines.append(f"{word:x}\n")
    return "".join(lines)
