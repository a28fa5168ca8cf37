# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import re

import pytest

from hw_flows.boards import Pins, available_boards, load_board
from hw_flows.shells.ecp5_uart import PLL, PLL_MODEL, RTL, TOP, buffer_bits, write_shell
from hw_flows.testing.lint import lint_module
from tests.hw_flows.shells.designs import BOARD, CLOCK_MHZ, echo


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shell")
    accelerator, rtl = echo(folder)
    shell, identity = write_shell(accelerator, rtl, BOARD, CLOCK_MHZ, folder / "shell")
    return accelerator, rtl, shell, identity, folder


def lint(top, files, **parameters):
    return lint_module(top, files, parameters)


def test_the_shell_around_an_accelerator_is_free_of_lint(written):
    accelerator, rtl, shell, _, folder = written
    sources = [rtl / name for name in accelerator.sources] + [s for s in shell.sources if s.name != PLL]
    result = lint(TOP, [*sources, folder / "shell" / PLL_MODEL])
    assert result.returncode == 0 and "%Warning" not in result.stderr, result.stderr


@pytest.mark.parametrize(
    ("module", "bad", "message"),
    [
        ("qu_uart_receiver", {"CLOCKS_PER_BIT": 3}, "CLOCKS_PER_BIT (3) must be at least 4"),
        ("qu_uart_transmitter", {"CLOCKS_PER_BIT": 1}, "CLOCKS_PER_BIT (1) must be at least 4"),
        ("qu_frame_buffer", {"ADDRESS_BITS": 21}, "ADDRESS_BITS (21) must be 2 to 20"),
        ("qu_bytes_to_words", {"WORD_BITS": 9}, "WORD_BITS (9) must be 1 to 8 * SLOT_BYTES (1)"),
        ("qu_words_to_bytes", {"WORD_BITS": 0}, "WORD_BITS (0) must be 1 to 8 * SLOT_BYTES (1)"),
        ("qu_request_receiver", {"FRAME_BYTES": 0}, "FRAME_BYTES must be at least 1"),
        ("qu_reply_sender", {"RESULT_BYTES": 0}, "RESULT_BYTES must be at least 1"),
        ("qu_uart_host", {"BUFFER_BITS": 11}, "BUFFER_BITS (11) is too small for a frame of 4096 bytes"),
    ],
)
def test_a_bad_parameter_is_named_with_its_instance(written, module, bad, message):
    shell = written[2]
    result = lint(module, [s for s in shell.sources if s.name in RTL], **bad)
    assert result.returncode != 0
    assert any(message in line and module in line for line in result.stderr.splitlines()), result.stderr


def test_every_port_of_the_top_module_has_a_pin(written):
    shell = written[2]
    top, constraints = shell.sources[-1].read_text(), shell.constraints.read_text()
    ports = re.findall(r"(?:input|output)\s+(?:wire )?logic\s+(?:\[(\d+):0\] )?(\w+)", top.split(");")[0])
    bits = [f"{name}[{i}]" if last else name for last, name in ports for i in range(int(last) + 1 if last else 1)]
    assert len(bits) == 13
    for bit in bits:
        assert f'LOCATE COMP "{bit}" SITE' in constraints


@pytest.mark.parametrize("leds", [0, 1, 2, 5])
def test_a_board_may_have_fewer_leds_of_the_other_polarity_and_no_button(written, tmp_path, leds):
    accelerator, rtl, *_ = written
    pins = Pins(
        clock="P3",
        rxd="H18",
        txd="J17",
        leds=[{"site": f"A{1 + i}", "inverted": True} for i in range(leds)],
        low=["B9"],
    )
    board = BOARD.model_copy(update={"name": "other", "title": "Other", "pins": pins})
    shell, _ = write_shell(accelerator, rtl, board, CLOCK_MHZ, tmp_path)
    sources = [rtl / name for name in accelerator.sources] + [s for s in shell.sources if s.name != PLL]
    result = lint(TOP, [*sources, tmp_path / PLL_MODEL])
    assert result.returncode == 0 and "%Warning" not in result.stderr, result.stderr
    top, constraints = shell.sources[-1].read_text(), shell.constraints.read_text()
    assert "reset_i" not in top + constraints and 'LOCATE COMP "low_o[0]" SITE "B9"' in constraints
    assert ("led_o[0] = !(!rst)" in top) == (leds > 0)
    assert constraints.count("led_o[") == 2 * leds


@pytest.mark.parametrize("name", [name for name in available_boards() if load_board(name).shell == "ecp5_uart"])
def test_the_top_of_every_board_is_systemverilog_that_all_tools_read(written, tmp_path, name):
    accelerator, rtl, *_ = written
    board = load_board(name)
    shell, _ = write_shell(accelerator, rtl, board, board.clock_mhz, tmp_path)
    sources = [rtl / source for source in accelerator.sources] + [s for s in shell.sources if s.name != PLL]
    result = lint(TOP, [*sources, tmp_path / PLL_MODEL])
    assert result.returncode == 0 and "%Warning" not in result.stderr, result.stderr
    # the operand of a unary operator is a primary (IEEE 1800-2017, A.8.3): Verilator takes `!!x`, slang does not
    assert re.search(r"[!~]\s*[!~]", shell.sources[-1].read_text()) is None


def test_the_identity_tells_builds_apart(written, tmp_path):
    accelerator, rtl, _, identity, _ = written
    assert re.fullmatch("[0-9a-f]{16}", identity)
    assert write_shell(accelerator, rtl, BOARD, CLOCK_MHZ, tmp_path / "a")[1] == identity
    assert write_shell(accelerator, rtl, BOARD, CLOCK_MHZ, tmp_path / "b", clocks_per_bit=4)[1] == identity
    assert write_shell(accelerator, rtl, BOARD, 40.0, tmp_path / "c")[1] != identity
    (rtl / "qu_fifo.sv").write_text((rtl / "qu_fifo.sv").read_text() + "\n")
    assert write_shell(accelerator, rtl, BOARD, CLOCK_MHZ, tmp_path / "d")[1] != identity


def test_the_frame_buffer_holds_two_frames():
    assert [1 << buffer_bits(n) for n in (1, 2, 48, 4096, 4097)] == [4, 4, 128, 8192, 16384]
