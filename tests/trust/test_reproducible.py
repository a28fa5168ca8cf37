# SPDX-License-Identifier: BSD-3-Clause
"""Two builds give the same bytes, and what is handed on does not tell where it was made."""

from __future__ import annotations

from trust.reproducible.part import PART, Pair, outcome, tells, words_of_the_machine


def test_the_sample_holds(tmp_path):
    found = PART.run(tmp_path, True, lambda line: None)
    assert found.holds, found
    assert found.figures["files"] > 50


def test_a_path_or_a_name_inside_a_result_is_found(tmp_path):
    output = tmp_path / "heart-of-gold" / "out"
    (output / "rtl").mkdir(parents=True)
    (output / "rtl" / "top.sv").write_text("// made by slartibartfast\nmodule top; endmodule\n")
    (output / "rtl" / "clean.sv").write_text("module clean; endmodule\n")
    (output / "report").mkdir()
    (output / "report" / "verification.json").write_text(f'{{"simulator": "{tmp_path}/Vsim"}}')
    found = tells(output, words_of_the_machine(tmp_path))
    assert "rtl/top.sv (slartibartfast)" in found
    assert f"report/verification.json ({tmp_path})" in found
    assert not any("clean" in name for name in found)


def test_one_file_that_differs_does_not_hold():
    same, other = Pair("a", 10, 100, (), ()), Pair("b", 5, 50, ("bitfile/x.bit",), ())
    assert outcome([same]).holds
    assert not outcome([same, other]).holds
    assert "14 of 15 files" in outcome([same, other]).headline
    assert not outcome([Pair("c", 5, 50, (), ("rtl/x (root)",))]).holds
