# SPDX-License-Identifier: BSD-3-Clause
"""What is written of a shell: lint-clean RTL, the map in it, clocks that the processing system can make."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from hw_flows.boards import load_board
from hw_flows.machine.errors import UserError
from hw_flows.machine.tools import package_folder
from hw_flows.memory_port import READ_SIGNALS, WRITE_SIGNALS
from hw_flows.shells import Shell, find_shell, place_of_accelerator
from hw_flows.shells.zynq7 import BUFG_MODEL, PS7_MODEL, RTL, address_map, constraints, divided_clock, write_shell
from hw_flows.shells.zynq7.memory import CONSTANTS, WRITES
from hw_flows.weight_memory.faults import FAULTS
from hw_flows.weight_memory.region import BLOCK_BYTES
from tests.hw_flows.shells.loopback import loopback
from tests.hw_flows.shells.zynq7.from_memory import FromMemory

BOARD = load_board("pynq-z2")


#: The processing system has more ports than any design connects.
MISSING_PINS = """\
`verilator_config
lint_off -rule PINMISSING -file "*/qu_zynq7_top.sv" -match "*SAXIHP*"
"""


def lint(shell: Shell, rtl: Path) -> subprocess.CompletedProcess[str]:
    verilator = package_folder("verilator")
    own = [source for source in shell.sources if source.name not in shell.inner]
    settings = rtl / "lint.vlt"
    settings.write_text(MISSING_PINS)
    return subprocess.run(
        [
            str(verilator / "bin" / "verilator_bin"),
            "--lint-only",
            "-Wall",
            "-Wno-DECLFILENAME",
            "--top-module",
            shell.top,
            *map(str, [settings, PS7_MODEL, BUFG_MODEL, *own, *(rtl / name for name in shell.inner)]),
        ],
        env={**os.environ, "VERILATOR_ROOT": str(verilator)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("bits, lanes", [(8, 1), (5, 2), (16, 2), (7, 1), (13, 5)])
def test_every_width_passes_the_linter(tmp_path, bits, lanes):
    accelerator = loopback(tmp_path / "rtl", (1, 3, 3, lanes), bits, lanes)
    shell, _ = write_shell(accelerator, tmp_path / "rtl", BOARD, 100.0, tmp_path / "shell")
    run = lint(shell, tmp_path / "rtl")
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("ports", [1, 2, 3, 4])
def test_weights_from_memory_pass_the_linter_with_every_number_of_ports(tmp_path, ports):
    design = FromMemory(tmp_path, ports, units=4)
    run = lint(design.shell, design.rtl)
    assert run.returncode == 0, run.stderr
    top = (tmp_path / "shell" / "qu_zynq7_top.sv").read_text()
    connected = [number for number in range(4) if f".SAXIHP{number}ACLK(clk)" in top]
    assert connected == sorted(address_map.HP_PORTS[:ports])
    known: dict = design.shell.link["memory"]
    assert known["hp_ports"] == list(address_map.HP_PORTS[:ports])


def test_streams_in_memory_pass_the_linter_and_their_port_is_the_last(tmp_path):
    design = FromMemory(tmp_path, 2, units=3, waiting=(1, 2))
    run = lint(design.shell, design.rtl)
    assert run.returncode == 0, run.stderr
    known: dict = design.shell.link["memory"]
    assert (known["hp_ports"], known["writing_hp_ports"]) == ([0, 2, 1], [1])
    assert known["streams"] == {ring.name: ring.bytes for ring in design.stitched.system.rings}
    top = (tmp_path / "shell" / "qu_zynq7_top.sv").read_text()
    written = [number for number in range(4) if f".SAXIHP{number}AWVALID(m_axi" in top]
    assert written == [1]


def test_pins_of_the_hp_ports_are_the_devices_own(tmp_path):
    """Names, directions and widths as Yosys' library has them: everything but what only informs."""
    library = (package_folder("pyosys") / "share" / "xilinx" / "cells_xtra.v").read_text()
    cell = re.search(r"^module PS7\(.*?^endmodule", library, re.MULTILINE | re.DOTALL)
    assert cell is not None
    pins = {
        name: (direction, int(last) + 1 if last else 1)
        for direction, last, name in re.findall(r"(input|output) (?:\[(\d+):0\] )?SAXIHP0(\w+);", cell[0])
    }
    constants = {f"A{channel}{name}": value for channel in "RW" for name, value in CONSTANTS.items()}
    constants |= {"RDISSUECAP1EN": "1'b0", **WRITES}
    told = {name: int(value.partition("'")[0]) for name, value in constants.items()}
    assert all(pins[name] == ("input", bits) for name, bits in told.items())
    signals = (*READ_SIGNALS, *WRITE_SIGNALS)
    for name, bits, driven in signals:
        assert pins[name.upper()] == ("input" if driven else "output", bits)
    inputs = {name for name, (direction, _) in pins.items() if direction == "input"}
    assert inputs <= {"ACLK", *told, *(name.upper() for name, _, _ in signals)}


def test_designs_without_weights_in_memory_have_the_sources_as_they_are(tmp_path):
    accelerator = loopback(tmp_path / "rtl", (1, 4, 4, 1))
    shell, _ = write_shell(accelerator, tmp_path / "rtl", BOARD, 100.0, tmp_path / "shell")
    for source in RTL:
        assert (tmp_path / "shell" / source.name).read_text() == source.read_text()
    assert shell.link == address_map.link() and shell.inner == accelerator.sources
    assert "WEIGHTS_BASE" not in shell.link["registers"] and "memory" not in shell.link


def test_a_board_without_a_way_to_the_memory_and_one_with_too_few_ports_are_told(tmp_path):
    design = FromMemory(tmp_path, 2)
    for update, told in (
        ({"dram_mb_s": None, "dram_ports": 0}, r"weights lie in memory \(layers: 2\), and this board has no way"),
        ({"dram_ports": 1}, "take 2 ports of the memory, and TUL PYNQ-Z2 has 1"),
    ):
        board = BOARD.model_copy(update=update)
        with pytest.raises(UserError, match=told):
            write_shell(design.accelerator, design.rtl, board, 100.0, tmp_path / "other")
    other = load_board("ulx3s")
    with pytest.raises(UserError, match="no way to the memory"):
        find_shell(other).write(design.accelerator, design.rtl, other, 45.0, tmp_path / "other")


def test_the_identity_follows_the_weights_in_memory(tmp_path):
    design = FromMemory(tmp_path, 2)
    reader = design.rtl / "qu_weight_memory.sv"
    reader.write_text(reader.read_text().replace(f"48'h{design.stitched.system.layout.identity:x}", "48'h1"))
    _, other = write_shell(design.accelerator, design.rtl, BOARD, 100.0, tmp_path / "other")
    assert other != design.description.identity


def test_identity_follows_the_accelerator_and_the_shell_names_it(tmp_path):
    accelerator = loopback(tmp_path / "rtl", (1, 4, 4, 1))
    shell, identity = write_shell(accelerator, tmp_path / "rtl", BOARD, 100.0, tmp_path / "shell")
    assert f"64'h{identity}" in shell.sources[0].read_text()
    _, same = write_shell(accelerator, tmp_path / "rtl", BOARD, 50.0, tmp_path / "again")
    assert same == identity  # the clock is a setting, not part of the design
    top = tmp_path / "rtl" / "quantunet_accel.sv"
    top.write_text(top.read_text() + "\n")
    assert write_shell(accelerator, tmp_path / "rtl", BOARD, 100.0, tmp_path / "other")[1] != identity


def test_the_accelerator_is_where_its_activity_says_with_weights_in_memory_too(tmp_path):
    accelerator = loopback(tmp_path / "rtl", (1, 4, 4, 1))
    plain, _ = write_shell(accelerator, tmp_path / "rtl", BOARD, 100.0, tmp_path / "shell")
    design = FromMemory(tmp_path / "memory", 1)
    memory, _ = write_shell(design.accelerator, design.rtl, BOARD, 100.0, tmp_path / "other")
    place, clock_mhz = place_of_accelerator(BOARD, 99.0)
    assert clock_mhz == divided_clock(99.0, 1000.0)
    for shell, inner in ((plain, "quantunet_accel"), (memory, "quantunet_system")):
        top, *instances = place.split("/")
        assert top == shell.top
        modules = {path.stem: path.read_text() for path in shell.sources}
        module = top
        for name in instances:
            module = re.search(rf"^  (\w+) {name} \($", modules[module], re.MULTILINE)[1]
        assert module == inner


def test_without_a_shell_the_accelerator_is_where_it_is_simulated():
    for board in ("ulx3s", "zcu104"):
        assert place_of_accelerator(load_board(board), 45.0) == ("sim_top/dut", 45.0)


def test_clocks_are_what_integer_dividers_make():
    assert divided_clock(100.0, 1000.0) == 100.0
    assert divided_clock(99.0, 1000.0) == pytest.approx(1000 / 11)
    assert divided_clock(0.001, 1000.0) == pytest.approx(1000 / 63**2)
    assert constraints(62.5) == "create_clock -period 16.000 [get_nets clk]\n"


def test_the_map_is_consistent():
    registers = address_map.REGISTERS | address_map.MEMORY_REGISTERS
    offsets = [*registers.values(), address_map.WINDOW]
    assert len(set(offsets)) == len(offsets) and all(offset % 4 == 0 for offset in offsets)
    assert max(registers.values()) < address_map.WINDOW
    # a full FIFO at one word in two addresses
    assert address_map.WINDOW + 8 * address_map.FIFO_DEPTH <= address_map.SIZE
    assert address_map.SIZE & (address_map.SIZE - 1) == 0
    assert address_map.WEIGHTS_ALIGNMENT == BLOCK_BYTES and len(address_map.WEIGHTS_FAULTS) == len(FAULTS)
    link: dict = address_map.link()
    assert Path(__file__).parents[4].joinpath("hw_flows", "drivers", f"{link['driver']}.py").is_file()
