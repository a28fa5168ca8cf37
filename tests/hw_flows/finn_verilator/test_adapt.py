# SPDX-License-Identifier: BSD-3-Clause
from pathlib import Path

import numpy as np
import pytest

from hw_flows.finn_verilator import install, xsi
from hw_flows.finn_verilator.adapt import adapt
from hw_flows.finn_verilator.compile import compile_sim_obj


def test_a_structure_of_integers_is_packed() -> None:
    text = "typedef struct {\n  int unsigned  lo;  // low\n  logic [3:0] hi, top;\n} bits_t;"
    assert adapt(text) == text.replace("struct {", "struct packed {")


@pytest.mark.parametrize(
    "text",
    [
        "typedef struct { real r; } t;",
        "typedef struct { int a[4]; } t;",
        "typedef struct packed { int a; } t;",
        "typedef struct { other_t o; int a; } t;",
    ],
)
def test_any_other_structure_stays(text: str) -> None:
    assert adapt(text) == text


def test_a_message_that_lacks_its_value_keeps_the_place() -> None:
    assert adapt('$error("%m: %0d and 5%");') == '$error("%m: %%0d and 5%");'
    assert adapt('$error("%m: %0d", n);') == '$error("%m: %0d", n);'
    assert adapt('$error("I%%SIMD == 0 violated");') == '$error("I%%SIMD == 0 violated");'


CASTS = """
module reverse (input ap_clk, input [11:0] word, output [11:0] reversed);
  typedef logic [3:0]  places_t[2:0];
  typedef logic [11:0] word_t;
  places_t places, mirrored;
  assign places = places_t'(word);
  for (genvar i = 0; i < 3; i++) assign mirrored[i] = places[2 - i];
  assign reversed = word_t'(mirrored);
endmodule
"""


def test_a_cast_between_a_word_and_an_array_keeps_the_bits(tmp_path: Path) -> None:
    install()
    (tmp_path / "reverse.sv").write_text(CASTS, encoding="utf-8")
    folder, library = compile_sim_obj("reverse", [str(tmp_path / "reverse.sv")], tmp_path)
    design = xsi.Design(xsi.Kernel("verilator"), str(folder / library))
    design.getPort("word").set_hexstr("123").write_back()
    design.run(1)
    assert design.getPort("reversed").read().as_hexstr() == "321"
    design.close()


def test_any_other_cast_stays() -> None:
    text = (
        "typedef logic [3:0] t[2:0]; typedef logic [3:0] u; u a; t b; assign c = u'(a) + u'(d); assign e = other_t'(a);"
    )
    assert adapt(text) == text


SHORTREAL = """
module adder (input ap_clk, input [31:0] a, input [31:0] b, output [31:0] sum, output [31:0] product);
  assign sum = $shortrealtobits($bitstoshortreal(a) + $bitstoshortreal(b));
  assign product = $shortrealtobits($bitstoshortreal(a) * $bitstoshortreal(b));
endmodule
"""


def test_bits_of_a_shortreal_are_32_bits_with_their_rounding(tmp_path: Path) -> None:
    install()
    (tmp_path / "adder.sv").write_text(SHORTREAL, encoding="utf-8")
    folder, library = compile_sim_obj("adder", [str(tmp_path / "adder.sv")], tmp_path)
    design = xsi.Design(xsi.Kernel("verilator"), str(folder / library))
    random = np.random.default_rng(5)
    special = np.array([0, 0x80000000, 1, 0x807FFFFF, 0x00800000, 0x7F7FFFFF, 0x7F800000, 0x3F800000], np.uint32)
    near = random.integers(0x3F000000, 0x41000000, (300, 2), dtype=np.uint32)  # sums round, too
    small = random.integers(0, 0x20400000, (300, 2), dtype=np.uint32)  # products below the least normal number
    pairs = [(a, b) for a in special for b in special]
    pairs += [tuple(p) for p in (*near, *small, *random.integers(0, 1 << 32, (300, 2), dtype=np.uint32))]
    for a, b in pairs:
        for name, value in (("a", a), ("b", b)):
            design.getPort(name).set(int(value)).write_back()
        design.run(1)
        x, y = np.uint32(a).view(np.float32), np.uint32(b).view(np.float32)
        with np.errstate(all="ignore"):
            expected = {"sum": x + y, "product": x * y}
        for name, value in expected.items():
            found = np.uint32(design.getPort(name).read().as_unsigned()).view(np.float32)
            assert np.array_equal(found, value, equal_nan=True), (name, x, y)
            assert np.isnan(value) or np.signbit(found) == np.signbit(value), (name, x, y)
    design.close()
