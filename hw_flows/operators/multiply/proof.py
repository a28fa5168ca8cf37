# SPDX-License-Identifier: BSD-3-Clause
"""Product of two streams: what is proved."""

from __future__ import annotations

from pathlib import Path

from hw_flows.operators.proof import Bench, Mutant
from hw_flows.operators.shared import SHARED

_HERE = Path(__file__).parent
_MODULE, _PRODUCT = "qu_multiply.sv", "qu_product.sv"
_ADVANCE = "= !m_axis_tvalid || m_axis_tready;"
#: A value for each of two channels, three pixels.
_CHANNELS = {"KEPT": 2, "USES": 3, "BITS_0": 1, "OUT_BITS": 3}
#: A value for each pixel of three words.
_PIXELS = {"USES": 3, "SINGLE": 1, "LANES": 2, "BITS_0": 1, "OUT_BITS": 3}
_SAME = {"BITS_0": 2, "BITS_1": 2, "OUT_BITS": 4}

MULTIPLY = Bench(
    "multiply",
    _HERE,
    ("qu_*.sv", *SHARED),
    (
        _CHANNELS,
        _PIXELS,
        _SAME,
        {**_SAME, "SIGNED_0": 1, "SIGNED_1": 1, "LANES": 2},
        {**_SAME, "SIGNED_0": 1, "USE_DSP": 1},
        {**_CHANNELS, "KEPT": 3, "USES": 2, "BLOCK_RAM": 1, "SIGNED_1": 1},
        {**_CHANNELS, "LANES": 2, "BITS_1": 1, "OUT_BITS": 2},
        {**_PIXELS, "USES": 4, "BITS_1": 1, "OUT_BITS": 2},
    ),
    (
        Mutant("value", _MODULE, "word_1 = fresh ? passed : kept;", "word_1 = passed;"),
        Mutant("value", _MODULE, "fresh  <= first;", "fresh  <= !first;"),
        Mutant("value", _MODULE, ".write_address_i(address)", ".write_address_i(~address)"),
        Mutant("value", _MODULE, ".write_i(step && first)", ".write_i(step)"),
        Mutant("value", _MODULE, ".read_i(step && !first)", ".read_i(!first)"),
        Mutant("value", _MODULE, "(SINGLE != 0 ? 0 : i)*BITS_1", "0*BITS_1", {**_SAME, "LANES": 2}),
        Mutant(
            "value", _MODULE, "triple <= {{2{sign}}, a_next}", "triple <= {{2{1'b0}}, a_next}", {**_SAME, "SIGNED_0": 1}
        ),
        Mutant(
            "value", _MODULE, "{SIGNED_1 != 0 && b[BITS_1-1], b}", "{1'b0, b}", {**_SAME, "SIGNED_1": 1, "USE_DSP": 1}
        ),
        Mutant("together", _MODULE, "if (last_word) first <= last_use;", "if (last_word) first <= 1'b0;"),
        Mutant("together", _MODULE, "= advance && s0_axis_tvalid && last_use;", "= advance && last_use;", _PIXELS),
        Mutant(
            "together", _MODULE, "= advance && s0_axis_tvalid && last_use;", "= advance && s0_axis_tvalid;", _PIXELS
        ),
        Mutant("together", _MODULE, "step && last_word), .last_o", "step), .last_o", {**_CHANNELS, "USES": 2}),
        Mutant(
            "valid_stays",
            _MODULE,
            "end else if (advance) begin\n      operands_valid",
            "end else begin\n      operands_valid",
        ),
        Mutant(
            "data_stays", _MODULE, "        if (advance) begin\n          triple", "        begin\n          triple"
        ),
        Mutant("nothing_invented", _MODULE, "operands_valid <= step;", "operands_valid <= s0_axis_tvalid;"),
        Mutant("frames_bounded", _MODULE, _ADVANCE, "= 1'b1;", _SAME),
        Mutant(
            "prompt.comes", _MODULE, "m_axis_tvalid  <= operands_valid;", "m_axis_tvalid  <= operands_valid && step;"
        ),
        Mutant("accepts.comes", _MODULE, _ADVANCE, "= !m_axis_tvalid;"),
        Mutant("goes_on.comes", _MODULE, "assign needed = first;", "assign needed = 1'b1;"),
    ),
    paths={
        "s0_axis_tready": ("m_axis_tready", "s1_axis_tvalid"),
        "s1_axis_tready": ("m_axis_tready", "s0_axis_tvalid"),
    },
)

PRODUCT = Bench(
    "product",
    _HERE,
    (_PRODUCT,),
    (
        {"A_BITS": 4, "A_SIGNED": 1, "B_BITS": 5, "B_SIGNED": 1, "OUT_BITS": 9},
        {"A_BITS": 4, "B_BITS": 4, "OUT_BITS": 8},
        {"A_BITS": 5, "A_SIGNED": 1, "B_BITS": 4, "OUT_BITS": 9},
        {"A_BITS": 4, "B_BITS": 6, "B_SIGNED": 1, "OUT_BITS": 10},
        {"A_BITS": 1, "B_BITS": 3, "OUT_BITS": 3},
        {"A_BITS": 2, "A_SIGNED": 1, "B_BITS": 1, "OUT_BITS": 2},
        {"A_BITS": 1, "B_BITS": 2, "B_SIGNED": 1, "OUT_BITS": 2},
    ),
    (
        Mutant("value", _PRODUCT, "{{2{a_sign}}, a_i}", "{{2{1'b0}}, a_i}"),
        Mutant("value", _PRODUCT, "{a_sign, a_i, 1'b0}", "{1'b0, a_i, 1'b0}"),
        Mutant("value", _PRODUCT, "{2{A_SIGNED != 0 && earlier[A_BITS-1]}}", "{2{1'b0}}"),
        Mutant("value", _PRODUCT, "if (B_SIGNED != 0 && OUT_BITS > B_BITS)", "if (0)"),
        Mutant("value", _PRODUCT, "b_i[B_BITS-1] ? HIGH_BITS'(once)", "b_i[0] ? HIGH_BITS'(once)"),
        Mutant("value", _PRODUCT, "default: row = triple_i;", "default: row = twice;"),
    ),
)

BENCHES = (MULTIPLY, PRODUCT)
