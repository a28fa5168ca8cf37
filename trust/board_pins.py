# SPDX-License-Identifier: BSD-3-Clause
"""The pins of our boards' files against those that LiteX-Boards knows: an independent list, kept by people with the boards.

    pip install --no-deps litex litex-boards migen
    python -m trust.board_pins

Not part of an installation: it is only for who changes a board's file.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from hw_flows.boards import Board, Pin, load_board
from hw_flows.machine.errors import UserError


@dataclass(frozen=True)
class Known:
    """Where LiteX-Boards has a board: lists of its module, which may refer to pins of a connector list."""

    module: str
    lists: tuple[str, ...]
    clock: str
    leds: str
    reset: str | None = None
    reset_number: int = 0
    connectors: str | None = None


BOARDS: Mapping[str, Known] = {
    "ulx3s-85f": Known("radiona_ulx3s", ("_io_common",), "clk25", "user_led"),
    "orangecrab-85f": Known(
        "gsd_orangecrab", ("_io_r0_2", "feather_serial"), "clk48", "user_led", "usr_btn", connectors="_connectors_r0_2"
    ),
    "colorlight-i9": Known("colorlight_i5", ("_io_v7_2",), "clk25", "user_led_n", "cpu_reset_n"),
    "ecp5-evn": Known("lattice_ecp5_evn", ("_io",), "clk12", "user_led", "rst_n"),
}


def differences(board: Board, known: Known) -> list[str]:
    """Pins that differ, each in words. Raises UserError where LiteX-Boards is not installed."""
    try:
        platform = import_module(f"litex_boards.platforms.{known.module}")
    except ImportError as error:
        raise UserError(
            f"LiteX-Boards is missing: {error}", "Python packages", "pip install litex litex-boards migen"
        ) from error
    entries = [entry for name in known.lists for entry in getattr(platform, name)]
    connectors = dict(getattr(platform, known.connectors)) if known.connectors else {}
    pins = board.pins
    assert pins is not None
    wanted: list[tuple[str, Pin, str, int, str | None]] = [
        ("clock", pins.clock, known.clock, 0, None),
        ("rxd", pins.rxd, "serial", 0, "rx"),
        ("txd", pins.txd, "serial", 0, "tx"),
        *((f"leds.{number}", pin, known.leds, number, None) for number, pin in enumerate(pins.leds)),
    ]
    if pins.reset is not None and known.reset is not None:
        wanted.append(("reset", pins.reset, known.reset, known.reset_number, None))
    found = []
    for field, pin, name, number, part in wanted:
        site, standard = _of(entries, connectors, name, number, part)
        if (site, standard) != (pin.site, pin.standard):
            found.append(f"{board.name}: {field} is {pin.site} {pin.standard}, LiteX-Boards has {site} {standard}")
    return found


def _of(
    entries: list[Any], connectors: Mapping[str, Any], name: str, number: int, part: str | None
) -> tuple[str | None, str | None]:
    """Site and voltage standard of one signal."""
    for entry in entries:
        if entry[:2] != (name, number):
            continue
        fields = list(entry[2:])
        for field in entry[2:]:
            if type(field).__name__ == "Subsignal" and field.name == part:
                fields = [*field.constraints, *fields]
        site = next((f.identifiers[0] for f in fields if type(f).__name__ == "Pins"), None)
        standard = next((f.name for f in fields if type(f).__name__ == "IOStandard"), None)
        if site is not None and ":" in site:
            connector, _, place = site.partition(":")
            site = connectors[connector].split()[int(place)]
        return site, standard
    return None, None


def main() -> int:
    """Exit status: 0 all pins are the same, 1 one differs, 2 LiteX-Boards is missing."""
    try:
        found = [line for name, known in BOARDS.items() for line in differences(load_board(name), known)]
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print("\n".join(found) or f"the pins of {', '.join(BOARDS)} are those of LiteX-Boards")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
