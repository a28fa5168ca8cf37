# SPDX-License-Identifier: BSD-3-Clause
"""The extension module by itself: one small design with a port of each kind of storage."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hw_flows.finn_verilator import install, xsi
from hw_flows.finn_verilator.compile import compile_sim_obj
from hw_flows.machine.errors import UserError
from hw_flows.simulate import verilator

SOURCE = """
module registers #(parameter FILE = "PLACE/start.dat") (
  input ap_clk, input ap_rst_n, input [69:0] wide, input [7:0] narrow, input stop, input leave,
  output reg [69:0] wide_q, output reg [7:0] narrow_q, output [15:0] both, output [7:0] image, output reg [7:0] never_set,
  output [7:0] known_part, output reg [7:0] settings
);
  reg [7:0] load;
  initial settings = 8'h3d;
  always @(posedge ap_clk) begin
    if (!ap_rst_n) load <= 0;
    if (|load) settings <= load;
  end
  typedef struct packed { logic [7:0] known; logic [7:0] rest; } begun_t;
  begun_t begun = '{known: 8'hc9, default: 'x};
  assign known_part = begun.known;
  always @(posedge ap_clk) begun <= ap_rst_n ? {narrow, narrow} : '{known: 8'hc9, default: 'x};
  reg [7:0] memory [0:0];
  initial $readmemh(FILE, memory);
  assign image = memory[0];
  assign both = {narrow_q, narrow};
  always @(posedge ap_clk) begin
    wide_q <= wide;
    narrow_q <= ap_rst_n ? narrow : 8'h5a;
    if (stop) $fatal(1, "asked to stop");
    if (leave) begin $display("left"); $finish; end
  end
  final $display("closed with %h", narrow_q);
endmodule
"""

Compiled = tuple[Path, Path]


def compiled_in(folder: Path, before: str = "", debug: bool = False) -> Compiled:
    install()
    source = folder / "registers.sv"
    source.write_text(before + SOURCE.replace("PLACE", str(folder)), encoding="utf-8")
    (folder / "start.dat").write_text("c3\n", encoding="utf-8")
    return compile_sim_obj("registers", [str(source)], folder, debug)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    return compiled_in(tmp_path_factory.mktemp("registers"))


@pytest.fixture
def design(compiled: Compiled, monkeypatch: pytest.MonkeyPatch) -> Iterator[xsi.Design]:
    monkeypatch.chdir(compiled[0])
    opened = xsi.Design(xsi.Kernel("verilator"), str(compiled[1]), "design.log")
    yield opened
    opened.close()


def clock(design: xsi.Design) -> None:
    for level in (1, 0):
        design.getPort("ap_clk").set(level).write_back()
        design.run(5000)


def test_ports_are_those_of_the_module(design: xsi.Design) -> None:
    found = {p.name(): (p.isInput(), p.isOutput(), p.width()) for p in design.ports()}
    assert len(found) == design.num_ports() == 13
    assert found["wide"] == (True, False, 70)
    assert found["both"] == (False, True, 16)


def test_words_of_any_width_go_through_registers(design: xsi.Design) -> None:
    wide = "2f0123456789abcdef"
    design.getPort("ap_rst_n").set(1).write_back()
    design.getPort("wide").set_hexstr(wide).write_back()
    design.getPort("narrow").set_hexstr("7e").write_back()
    clock(design)
    assert design.getPort("wide_q").read().as_hexstr() == wide
    assert design.getPort("wide_q").as_unsigned() == 0x89ABCDEF
    assert design.getPort("narrow_q").read().as_binstr() == "01111110"
    assert not design.getPort("narrow_q").hasUnknown()


def test_a_combinational_path_settles_without_a_clock_edge(design: xsi.Design) -> None:
    clock(design)
    design.getPort("narrow").set(0x11).write_back()
    design.run(1)
    assert design.getPort("both").read().as_hexstr() == "5a11"


def test_what_exceeds_the_width_is_dropped(design: xsi.Design) -> None:
    design.getPort("wide").set_hexstr("f" * 20).write_back()
    clock(design)
    assert design.getPort("wide_q").read().as_hexstr() == "3" + "f" * 17


def test_the_buffer_knows_unknown_digits(design: xsi.Design) -> None:
    port = design.getPort("narrow")
    assert port.set_binstr("1z0x").as_binstr() == "00001Z0X"
    assert port.hasUnknown()
    assert port.set_hexstr("xA").as_hexstr() == "Xa"
    assert port.as_hexstr_2state() == "fa"
    assert port.clear().isZero()


def test_a_memory_image_is_read_when_the_design_opens(compiled: Compiled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(compiled[0])
    (compiled[0] / "start.dat").write_text("99\n", encoding="utf-8")
    design = xsi.Design(xsi.Kernel("verilator"), str(compiled[1]))
    assert design.getPort("image").read().as_hexstr() == "99"
    design.close()
    (compiled[0] / "start.dat").write_text("c3\n", encoding="utf-8")


def test_the_same_design_in_another_folder_is_not_compiled_again(
    compiled: Compiled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_compiler(name: str) -> None:
        raise AssertionError(f"{name} is asked for")

    monkeypatch.setattr(shutil, "which", no_compiler)
    folder, library = compiled_in(tmp_path)
    assert (folder / library).read_bytes() == (compiled[0] / library).read_bytes()


def test_a_large_design_is_compiled_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verilator, "FILE_STATEMENTS", 1)  # as if each file were full after a statement
    folder, library = compiled_in(tmp_path, "// in pieces\n")
    monkeypatch.chdir(folder)
    design = xsi.Design(xsi.Kernel("verilator"), str(library), "design.log")
    design.getPort("leave").set(1).write_back()
    clock(design)
    design.close()
    assert Path("design.log").read_text(encoding="utf-8").startswith("left")


def test_waves_are_written_of_a_design_compiled_for_them(tmp_path: Path) -> None:
    folder, library = compiled_in(tmp_path, debug=True)
    design = xsi.Design(xsi.Kernel("verilator"), str(folder / library), None, str(tmp_path / "waves.fst"))
    design.trace_all()
    clock(design)
    design.close()
    assert (tmp_path / "waves.fst").stat().st_size > 0


def test_a_design_that_ends_itself_with_an_error_says_so(design: xsi.Design) -> None:
    design.getPort("stop").set(1).write_back()
    with pytest.raises(RuntimeError, match="ended the simulation"):
        clock(design)
    assert design.get_status() == 2
    design.close()
    assert "asked to stop" in Path("design.log").read_text(encoding="utf-8")


def test_finish_ends_the_design_and_not_the_process(design: xsi.Design) -> None:
    design.getPort("leave").set(1).write_back()
    clock(design)
    assert design.get_status() == 1
    design.close()
    assert Path("design.log").read_text(encoding="utf-8").split() == ["left", "closed", "with", "5a"]


def test_a_register_without_a_value_begins_as_the_fpgas_do_and_enables_nothing(design: xsi.Design) -> None:
    assert design.getPort("never_set").read().as_hexstr() == "00"
    clock(design)  # in reset, but as in FINN's controllers the enable still has what it began with
    assert design.getPort("settings").read().as_hexstr() == "3d"


def test_what_begins_partly_unknown_has_its_known_part(design: xsi.Design) -> None:
    assert design.getPort("known_part").read().as_hexstr() == "c9"


def test_restart_is_power_up(design: xsi.Design) -> None:
    before = design.getPort("wide_q").read().as_hexstr()
    design.getPort("wide").set(0x77).write_back()
    clock(design)
    assert design.getPort("wide_q").read().as_hexstr() != before
    design.restart()
    assert design.getPort("wide_q").read().as_hexstr() == before


def test_a_second_design_and_a_closed_one_are_refused(design: xsi.Design, compiled: Compiled) -> None:
    with pytest.raises(RuntimeError, match="still open"):
        xsi.Design(xsi.Kernel("verilator"), str(compiled[1]))
    port = design.getPort("wide")
    with pytest.raises(RuntimeError, match="No such port"):
        design.getPort("nothing")
    design.close()
    design.close()
    assert not design.is_open()
    with pytest.raises(RuntimeError, match="closed"):
        design.run(1)
    with pytest.raises(RuntimeError, match="closed"):
        port.write_back()


def test_what_cannot_be_compiled_is_named(tmp_path: Path) -> None:
    install()
    from finn.util.exception import FINNInternalError, FINNUserError

    broken = tmp_path / "broken.v"
    broken.write_text("module broken(input ap_clk); nothing_of_this_name u(); endmodule", encoding="utf-8")
    with pytest.raises(UserError, match="nothing_of_this_name"):
        compile_sim_obj("broken", [str(broken)], tmp_path)
    for name, error in (("x.vhd", FINNUserError), ("x.txt", FINNInternalError)):
        (tmp_path / name).touch()
        with pytest.raises(error, match=name):
            compile_sim_obj("x", [str(tmp_path / name)], tmp_path)
