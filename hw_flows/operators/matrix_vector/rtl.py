# SPDX-License-Identifier: BSD-3-Clause
"""RTL backend of FINN's matrix-vector activation unit (MVAU) without activation."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, log2, prod
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from finn.custom_op.fpgadataflow.matrixvectoractivation import MVAU

from hw_flows.accelerator import Role
from hw_flows.operators.base import Attributes, Border, Cost, RtlOperator, divisors
from hw_flows.operators.matrix_vector.booth import booth_error, chain_length
from hw_flows.operators.memory import (
    bank_luts,
    block_luts,
    prefers_block,
    ram_luts,
    ramb18,
    rom_block_luts,
    rom_luts,
    rom_ramb18,
    varying_bits,
)
from hw_flows.operators.shared.checks import factor_bits, require, require_divides
from hw_flows.operators.shared.ram import use_block_memory

_HERE = Path(__file__).parent
#: Images of 16 bits; with their sign they fill the narrower port of a multiplier of 18 x 18 bits (ECP5).
MOST_DATA_BITS = 17
#: Weights packed at once: a layer may have millions.
_VALUES_AT_ONCE = 2**20
_WORD_BITS = 64
_FILES = ("booth_chain", "adder_tree", "dot_product", "multipliers", "weights", "replay_buffer", "matrix_vector")


class OpenMVAU_rtl(RtlOperator, MVAU):
    """Output[..., MH] = input[..., MW] times weights[MW, MH]; thresholds are an operator of their own.

    `SIMD` input elements a cycle (divides MW), `PE` outputs at a time (divides MH): MW / SIMD * MH / PE cycles a vector.
    `resType` "auto" and "lut" build products in LUTs, "dsp" one or two in a DSP slice. `ram_style` places the weights.
    """

    module: ClassVar[str] = "qu_matrix_vector"
    sources: ClassVar[tuple[Path, ...]] = (
        _HERE.parent / "shared" / "qu_simple_dual_port_ram.sv",
        *(_HERE / f"qu_{name}.sv" for name in _FILES),
    )

    role: ClassVar[Role] = Role.MATRIX

    # --- choices ----------------------------------------------------------------------------------------------------
    def folds(self) -> tuple[int, int]:
        """(SF, NF): words of an input vector, words of an output vector."""
        require_divides(self, "SIMD", "MW")
        require_divides(self, "PE", "MH")
        mw, mh, simd, pe = (int(self.get_nodeattr(a)) for a in ("MW", "MH", "SIMD", "PE"))
        return mw // simd, mh // pe

    def _bits(self) -> tuple[int, bool, int, int]:
        """Bits of input, whether it is signed, bits of weight and output; raises UserError for types without RTL."""
        return factor_bits(self, "matrix-vector", MOST_DATA_BITS)

    def products_per_dsp(self) -> int:
        """0: products in LUTs; 2 where two fit one 25 x 18 bit multiplier (`qu_multipliers.sv`), else 1."""
        if self.get_nodeattr("resType") != "dsp":
            return 0
        data_bits, _, weight_bits, _ = self._bits()
        return 2 if 2 * data_bits + weight_bits <= 16 else 1

    def chain(self) -> int:
        """Products in one chain of adders."""
        return chain_length(int(self.get_nodeattr("SIMD")), self._bits()[2])

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
        return style == "block" or prefers_block(rom_luts(sf * nf, width), rom_ramb18(sf * nf, width))

    def block_buffer(self) -> bool:
        sf, nf = self.folds()
        width = int(self.get_nodeattr("SIMD")) * self._bits()[0]
        return nf > 1 and sf > 1 and use_block_memory(sf, width)

    def folding_choices(self) -> Iterator[Attributes]:
        for simd in divisors(int(self.get_nodeattr("MW"))):
            for pe in divisors(int(self.get_nodeattr("MH"))):
                yield ("SIMD", simd), ("PE", pe)

    def burst_words(self) -> int:
        """A vector, where it is read more than once."""
        words, outputs = self.folds()
        return words if outputs > 1 else 0

    def lead(self, border: Border | None) -> float:
        """The pixel that it works on."""
        return 1 / prod(map(int, self.get_nodeattr("numInputVectors")))

    # --- declaration ------------------------------------------------------------------------------------------------
    def products(self) -> tuple[int, int]:
        mw, mh, simd, pe = (int(self.get_nodeattr(a)) for a in ("MW", "MH", "SIMD", "PE"))
        return simd * pe, prod(map(int, self.get_nodeattr("numInputVectors"))) * mw * mh

    def rtl_parameters(self) -> dict[str, int]:
        self.folds()
        data_bits, data_signed, weight_bits, out_bits = self._bits()
        require(
            self.get_nodeattr("ram_style") != "ultra",
            self,
            "ram_style is `ultra`, which no cost model knows",
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
        words = pack_words(folded.reshape(nf * sf, pe * simd), bits)
        if self.products_per_dsp():
            return {"_weights.mem": words}
        # The accumulator adds 1 with every word (see qu_matrix_vector.sv).
        leads = np.broadcast_to(np.arange(simd) % self.chain() == 0, folded.shape)
        biases = -booth_error(folded, bits, leads).sum(axis=(1, 3)) - sf  # [NF, PE]
        return {"_weights.mem": words, "_biases.mem": pack_words(biases, bias_bits)}

    def get_exp_cycles(self) -> int:
        sf, nf = self.folds()
        return int(np.prod(self.get_nodeattr("numInputVectors"))) * sf * nf

    # --- cost -------------------------------------------------------------------------------------------------------
    def cost(self) -> Cost:
        """Counted from the structure, memories from `memory`; checked by `benchmarks/cost_model.py`."""
        sf, nf = self.folds()
        weights = int(self.get_nodeattr("PE")) * int(self.get_nodeattr("SIMD")) * self._bits()[2]
        return self._cost(weights if sf * nf > 1 else 0)

    def cost_of(self, model: Any) -> Cost:
        """With the weights known: bits that are the same in all words need no memory."""
        return self._cost(varying_bits(self.memories(model)["_weights.mem"]))

    def _cost(self, weights: int) -> Cost:
        """`weights`: bits of a word of the weight memory that vary."""
        sf, nf = self.folds()
        data_bits, _, _, out_bits = self._bits()
        simd, pe = int(self.get_nodeattr("SIMD")), int(self.get_nodeattr("PE"))
        block, words = self.block_weights(), sf * nf
        total = Cost(
            lut=3 * log2(max(2, words)) + 12 + pe * out_bits,
            ff=2 * log2(max(2, words)) + 12 + simd * data_bits + pe * out_bits,
        )
        if words > 1 and block:
            total += Cost(lut=rom_block_luts(words, weights), bram36=rom_ramb18(words, weights) / 2)
        elif words > 1:
            # no more different columns than functions of the address
            columns = weights if words > 6 else min(weights, (1 << words) - 2)
            total += Cost(lut=rom_luts(words, columns), ff=columns)
        if nf > 1 and sf > 1:
            width = simd * data_bits
            if self.block_buffer():
                total += Cost(lut=block_luts(sf, width), bram36=ramb18(sf, width) / 2)
            else:
                total += Cost(lut=bank_luts(sf, width), lutram=ram_luts(sf, width))
        products = self._multipliers() if self.products_per_dsp() else self._chains()
        return total + products + self._control()

    def _control(self) -> Cost:
        """The delay of a vector's end in a shift register; the constants that the accumulators begin with."""
        sf, nf = self.folds()
        bias = 0
        if not self.products_per_dsp() and nf > 8:  # fewer fit into the accumulator's LUTs
            bias = rom_luts(nf, int(self.get_nodeattr("PE")) * self.bias_bits())
        return Cost(lut=bias, lutram=1 if sf > 1 else 0)

    def _multipliers(self) -> Cost:
        data_bits, signed, weight_bits, _ = self._bits()
        simd, pe = int(self.get_nodeattr("SIMD")), int(self.get_nodeattr("PE"))
        return multipliers_cost(simd, self.products_per_dsp(), data_bits, signed, weight_bits) * pe

    def _chains(self) -> Cost:
        """Products in chains of adders and a tree over them (`qu_dot_product.sv`)."""
        data_bits, _, weight_bits, _ = self._bits()
        simd, pe = int(self.get_nodeattr("SIMD")), int(self.get_nodeattr("PE"))
        each, shared_ff = dot_products_cost(simd, self.chain(), data_bits, weight_bits)
        return each * pe + Cost(ff=shared_ff)


def multipliers_cost(products: int, each: int, data_bits: int, signed: bool, weight_bits: int) -> Cost:
    """`qu_multipliers.sv` with `each` products a slice. A single one of less than 9 bits is left in LUTs by synthesis."""
    pairs, single = divmod(products, each)
    in_luts = single and data_bits + weight_bits + (0 if signed else 1) < 9
    field = data_bits + weight_bits + each - 1
    own = Cost(lut=pairs * weight_bits * (each - 1), ff=(pairs + single) * field, dsp=pairs + single)
    if in_luts:
        own += Cost(lut=data_bits * weight_bits, ff=2 * data_bits + weight_bits, dsp=-1)
    return own + tree_cost(pairs + single, field)


def dot_products_cost(products: int, length: int, data_bits: int, weight_bits: int) -> tuple[Cost, int]:
    """`qu_dot_product.sv` with chains of `length`: (cost without the FFs that units of the same data share, these FFs)."""
    whole, rest = divmod(products, length)
    own, shared_ff, width = chain_cost(length, data_bits, weight_bits)
    chains = own * whole
    if rest:
        own, rest_ff, _ = chain_cost(rest, data_bits, weight_bits)
        chains += own
    shared_ff = whole * shared_ff + (rest_ff if rest else 0)
    number = whole + bool(rest)
    if length == 1 and weight_bits > 4 and number > 1 and number % 2:
        # the lowest bits of the number that passes the tree's first level alone: final early, a shift register each
        chains += Cost(lutram=4, ff=-12)
    return chains + tree_cost(number, width), shared_ff


def chain_cost(products: int, data_bits: int, weight_bits: int) -> tuple[Cost, int, int]:
    """`qu_booth_chain.sv`: (cost without FFs that all lanes share, these FFs, bits of the sum).

    Every row is an adder with one LUT for each bit that is more than the sign of its sum.
    """
    digits, row = (weight_bits + 1) // 2, data_bits + 2
    lut, ff, shared_ff, width = row, 0, 0, row
    for r in range(1, products * digits):
        product, k = divmod(r, digits)
        if r % 2 == 0:
            ff += width
        bits = min(max(width - 2 * k, row) + 1, data_bits + weight_bits + product.bit_length() - 2 * k)
        lut += bits
        width = max(width, bits + 2 * k)
        if r == 2 or (r > 2 and k == 0):  # operands of later rows wait
            ff += weight_bits - (0 if k == 0 else 2 * k - 1)
            shared_ff += data_bits
    return Cost(lut=lut, ff=ff + width), shared_ff, width


def tree_cost(numbers: int, bits: int) -> Cost:
    """Sum of `numbers` in pairs, a register behind each."""
    total = Cost()
    while numbers > 1:
        bits += 1
        total += Cost(lut=numbers // 2 * (bits - 1), ff=ceil(numbers / 2) * bits)
        numbers = ceil(numbers / 2)
    return total


def pack_words(rows: np.ndarray, bits: int) -> str:
    """Lines for `$readmemh`: each row's whole numbers of `bits` bits, the first in the lowest bits."""
    per_row = max(1, rows.shape[1])
    height = max(1, _VALUES_AT_ONCE // per_row)
    pack = _pack_narrow if per_row * bits < _WORD_BITS else _pack_wide
    return "".join(pack(rows[start : start + height], bits) for start in range(0, len(rows), height))


def _pack_narrow(rows: np.ndarray, bits: int) -> str:
    words = np.zeros(len(rows), np.int64)
    for values in rows.T[::-1]:
        words = words << bits | values & (1 << bits) - 1
    return "".join([f"{word:x}\n" for word in words.tolist()])


def _pack_wide(rows: np.ndarray, bits: int) -> str:
    planes = np.empty((*rows.shape, bits), np.uint8)
    for bit in range(bits):
        planes[:, :, bit] = rows >> bit & 1
    packed = np.packbits(planes.reshape(len(rows), -1), axis=1, bitorder="little")
    return "".join([f"{int.from_bytes(row.tobytes(), 'little'):x}\n" for row in packed])
