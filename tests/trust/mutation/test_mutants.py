# SPDX-License-Identifier: BSD-3-Clause
"""Which changes are made to a source, and which places are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from trust.mutation.mutants import SourceMutant, mutants_of, sample

OPERATORS = Path("hw_flows/operators")
HEADER = "module m #(parameter int unsigned N = 4) (input wire logic clk_i, output logic [N-1:0] q);\n"


def changes(body: str, folder: Path) -> set[str]:
    """The lines of a module's body as its mutants have them."""
    file = folder / "m.sv"
    file.write_text(f"{HEADER}{body}\nendmodule\n")
    return {str(m).split("  ->  ")[1] for m in mutants_of(file)}


def test_operators_constants_and_conditions_change(tmp_path):
    assert changes("if (a == 2) q <= b + c;", tmp_path) == {
        "if (a != 2) q <= b + c;",
        "if (a == 3) q <= b + c;",
        "if (a == 1) q <= b + c;",
        "if (a == 2) q <= b - c;",
        "if (!(a == 2)) q <= b + c;",
        "if (1'b1) q <= b + c;",
        "if (1'b0) q <= b + c;",
    }


def test_numbers_keep_their_width_base_and_sign(tmp_path):
    assert changes("assign q = 8'hd0;", tmp_path) == {"assign q = 8'hd1;"}
    assert changes("assign q = 4'sd7;", tmp_path) == {"assign q = 4'sd8;"}
    assert changes("assign q = 2'b11;", tmp_path) == {"assign q = 2'b0;"}


def test_an_assignment_is_no_comparison(tmp_path):
    assert changes("q <= a <= b;", tmp_path) == {"q <= a < b;", "q <= a > b;"}
    assert "if (a < b) q <= c;" in changes("if (a <= b) q <= c;", tmp_path)
    assert changes("assign q = a <= b;", tmp_path) == {"assign q = a < b;", "assign q = a > b;"}
    assert changes("if (a) begin\n q <= b; end else q <= c;", tmp_path) == {
        "if (!(a)) begin",
        "if (1'b1) begin",
        "if (1'b0) begin",
    }


def test_one_sign_may_stand_before_or_between_operands(tmp_path):
    assert changes("assign q = -a & &b;", tmp_path) == {
        "assign q = a & &b;",
        "assign q = -a | &b;",
        "assign q = -a & |b;",
    }


def test_the_condition_of_a_choice_is_the_whole_expression_before_it(tmp_path):
    found = changes("assign q = f(a, b && c ? d : e);", tmp_path)
    assert {"assign q = f(a, !(b && c) ? d : e);", "assign q = f(a, 1'b1 ? d : e);"} <= found
    assert "q <= !(a) ? b : c;" in changes("q <= a ? b : c;", tmp_path)
    assert "assign q = a ? b : !(c) ? d : e;" in changes("assign q = a ? b : c ? d : e;", tmp_path)


@pytest.mark.parametrize(
    "body",
    [
        "// a + 1",
        "/* if (a == 2) */",
        '(* ram_style = "block", n = 1 *) logic q;',
        "`define A 1 + 1",
        'if (N < 1) begin : g_check_n\n $error("%m: N (%0d) must be at least 1", N + 1);\n end',
        "wire unused = &{1'b0, clk_i};",
        "if (N == 0) begin : g_none\n wire unused = &{1'b0, clk_i};\n end",
        "",
    ],
)
def test_what_no_simulation_can_tell_is_left_alone(body, tmp_path):
    assert changes(body, tmp_path) == set()


def test_a_mutant_is_the_source_with_one_change(tmp_path):
    file = tmp_path / "m.sv"
    file.write_text(HEADER + "assign q = a + b;\nendmodule\n")
    (mutant,) = mutants_of(file)
    assert mutant.text == HEADER + "assign q = a - b;\nendmodule\n"
    assert (mutant.kind, mutant.line) == ("operator", 2)


@pytest.mark.parametrize("file", sorted(OPERATORS.glob("*/*.sv")), ids=lambda f: f.stem)
def test_every_source_of_the_operators_has_mutants_of_its_own(file):
    found = mutants_of(file.resolve())
    assert len(found) >= 5, "even a module that only connects others has constants and expressions"
    assert len({m.text for m in found}) == len({(m.start, m.end, m.new) for m in found}) == len(found)
    assert all(m.text != m.source for m in found)


def test_a_sample_stays_when_other_lines_change(tmp_path):
    file = tmp_path / "m.sv"
    body = "".join(f"assign q[{k}] = a[{k}] + b;\n" for k in range(1, 9))
    file.write_text(f"{HEADER}{body}endmodule\n")
    before = sample(mutants_of(file), 5)
    assert len(before) == 5
    file.write_text(f"// a comment\n{HEADER}\n{body}endmodule\n")
    assert [_change(m) for m in sample(mutants_of(file), 5)] == [_change(m) for m in before]


def _change(mutant: SourceMutant) -> str:
    return str(mutant).split(": ", 1)[1]
