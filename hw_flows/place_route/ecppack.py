# SPDX-License-Identifier: BSD-3-Clause
"""ECP5 configuration to bitstream and back: ecppack and ecpunpack of Project Trellis, from PyPI."""

from __future__ import annotations

from pathlib import Path

from hw_flows.machine.errors import CheckFailed
from hw_flows.machine.yowasp import ECPPACK, ECPUNPACK, run_yowasp
from quantunet_common.files import copy_atomically, write_text_atomically

LIMIT_SECONDS = 600.0
#: What `check_bitstream` leaves in its folder: the bitstream, unpacked.
UNPACKED = "unpacked.config"
#: Inside these, an arc from a slice's own pin names a wire without a switch: there is nothing to configure.
FIXED_SOURCE = "_SLICE"
#: Tiles of the fabric: logic, and the routing beside memories, multipliers and pins.
FABRIC = (":PLC2", ":CIB")


def pack(configuration: Path, bitstream: Path, log: Path) -> None:
    """Write the bitstream, compressed, of a textual configuration."""
    run_yowasp(
        ECPPACK,
        ["--input", configuration.name, "--bit", "packed.bit", "--compress"],
        cwd=configuration.parent,
        log=log,
        limit_seconds=LIMIT_SECONDS,
    )
    copy_atomically(configuration.parent / "packed.bit", bitstream)


def unpack(bitstream: Path, configuration: Path, log: Path) -> None:
    """Write the textual configuration that a bitstream holds."""
    folder = configuration.parent
    copy_atomically(bitstream, folder / "to_unpack.bit")
    run_yowasp(
        ECPUNPACK,
        ["--input", "to_unpack.bit", "--textcfg", configuration.name],
        cwd=folder,
        log=log,
        limit_seconds=LIMIT_SECONDS,
    )


def check_bitstream(bitstream: Path, configuration: Path, folder: Path, logs: Path) -> str:
    """Unpack the bitstream and compare it with the configuration it was made of; what held, in words.

    Two comparisons: packing what was unpacked gives the very same bitstream, so no bit is lost; and every switch, truth
    table and memory content of the configuration is named in what was unpacked. Raises CheckFailed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    unpack(bitstream, folder / UNPACKED, logs / "ecpunpack.log")
    wanted, found = (path.read_text(encoding="utf-8") for path in (configuration, folder / UNPACKED))
    # how the device is to be started is not part of the array's configuration and is not unpacked
    start = "".join(line + "\n" for line in wanted.splitlines() if line.startswith(".sysconfig"))
    write_text_atomically(folder / "repacked.config", found.replace("\n.comment", f"\n{start}.comment", 1))
    pack(folder / "repacked.config", folder / "repacked.bit", logs / "repack.log")
    where = str(bitstream)
    if (folder / "repacked.bit").read_bytes() != bitstream.read_bytes():
        raise CheckFailed(
            "unpacking the bitstream and packing it again gives a different bitstream", where, "see ecpunpack.log"
        )
    wanted_settings, found_settings = settings(wanted), settings(found)
    missing = wanted_settings - found_settings
    if missing:
        tile, setting = min(missing)
        raise CheckFailed(
            f"the bitstream lacks {len(missing)} of {len(wanted_settings)} settings of the routed design, the first: "
            f"{setting} in {tile}",
            where,
            "this is a fault of ecppack or of its database",
        )
    return f"unpacked, the bitstream holds all {len(wanted_settings):,} switches, truth tables and memory contents"


def settings(configuration: str) -> set[tuple[str, str]]:
    """What a textual configuration says of the fabric and the block memories: (section, line).

    Left out is what is the device's own default and therefore not named in an unpacked bitstream: truth tables of all
    ones, modes, and wires that are always connected.
    """
    found = set()
    section = ""
    for line in map(str.strip, configuration.splitlines()):
        if line.startswith("."):
            section = line
        elif line and (section.startswith(".bram_init") or _is_setting(section, line.split())):
            found.add((section, line))
    return found


def _is_setting(section: str, words: list[str]) -> bool:
    if not any(kind in section for kind in FABRIC):
        return False
    if words[0] == "arc:":
        return not words[2].endswith(FIXED_SOURCE)
    return words[0] == "word:" and words[1].endswith(".INIT") and "0" in words[2]
