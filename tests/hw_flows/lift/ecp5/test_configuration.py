# SPDX-License-Identifier: BSD-3-Clause
"""Settings from the bits of several tiles, and bits that nobody has read."""

from __future__ import annotations

from pathlib import Path

import pytest

from hw_flows.lift.ecp5.configuration import Configuration
from hw_flows.lift.ecp5.database import TrellisDatabase
from hw_flows.machine.errors import CheckFailed, UserError

#: Two types of tiles: a width in both, as in block memories; a bit with two names; a word that is inverted; a switch.
ONE = """\
.mux A0
H01E0001 F0B0 F1B0

.config_enum EBR0.WIDTH 18
1 F2B0 F3B0
9 !F2B0 F3B0
18 !F2B0 !F3B0

.config_enum LSR.MUX LSR
INV F4B0
LSR !F4B0

.config_enum RAM.WREMUX WRE
INV F4B0
WRE -

.config K0.INIT 11
!F5B0
!F6B0
"""
OTHER = """\
.config_enum EBR0.WIDTH 18
1 F0B0
9 F0B0
18 !F0B0
36 F1B0
"""
#: A mode, one of whose bits is that of an inverter beside it.
MODES = """\
.config_enum EBR1.MODE NONE
DP16KD !F0B0 !F1B0 F2B0
NONE !F0B0 !F1B0 !F2B0
PDPW16KD F0B0 F1B0 F2B0

.config_enum EBR1.WEAMUX WEA
INV F1B0
WEA !F1B0
"""
TILES = ("R1C1:ONE", "R1C2:OTHER")


@pytest.fixture
def database(tmp_path: Path) -> TrellisDatabase:
    for name, text in (("ONE", ONE), ("OTHER", OTHER), ("MODES", MODES)):
        folder = tmp_path / "ECP5" / "tiledata" / name
        folder.mkdir(parents=True)
        (folder / "bits.db").write_text(text)
    return TrellisDatabase(tmp_path)


def unpacked(database: TrellisDatabase, *lines: str, other: str = "") -> Configuration:
    one = "".join(f"{line}\n" for line in lines)
    return Configuration(f".device X\n\n.tile {TILES[0]}\n{one}\n.tile {TILES[1]}\n{other}\n", database)


def test_bits_of_a_setting_beside_it_may_be_written_over_a_mode(database):
    tile = "R1C3:MODES"
    text = f".device X\n\n.tile {tile}\nenum: EBR1.MODE DP16KD\nenum: EBR1.WEAMUX INV\n"
    memory = Configuration(text, database)
    with pytest.raises(CheckFailed, match="no known value"):
        memory.option([tile], "EBR1.MODE")
    assert memory.option([tile], "EBR1.MODE", written_over=True) == "DP16KD"
    assert memory.option([tile], "EBR1.WEAMUX") == "INV"
    assert memory.unread() == {}


def test_what_is_not_named_has_its_default(database):
    idle = unpacked(database)
    assert idle.option(TILES, "EBR0.WIDTH") == "18"
    assert idle.word(TILES[:1], "K0.INIT") == 0b11
    assert idle.unread() == {}


def test_a_value_is_one_that_all_tiles_agree_with(database):
    # of 1 and 9, which are the same bits in the other tile, ecpunpack names the last there
    assert unpacked(database, "enum: EBR0.WIDTH 1", other="enum: EBR0.WIDTH 9").option(TILES, "EBR0.WIDTH") == "1"
    with pytest.raises(CheckFailed, match="no known value"):
        unpacked(database, "enum: EBR0.WIDTH 1").option(TILES, "EBR0.WIDTH")


def test_bits_are_left_until_somebody_reads_them(database):
    configuration = unpacked(
        database, "arc: A0 H01E0001", "word: K0.INIT 10", "enum: LSR.MUX INV", "enum: RAM.WREMUX INV"
    )
    assert len(configuration.unread()[TILES[0]]) == 4
    assert configuration.word(TILES[:1], "K0.INIT") == 0b10
    configuration.read_switch(TILES[0], "A0", "H01E0001")
    assert configuration.unread() == {TILES[0]: ["enum: LSR.MUX INV", "enum: RAM.WREMUX INV"]}
    assert configuration.option(TILES[:1], "RAM.WREMUX") == "INV"  # the same bit under another name
    assert configuration.unread() == {}


def test_a_bit_without_a_meaning_stays(database):
    configuration = unpacked(database, "unknown: F7B0")
    assert configuration.unread() == {TILES[0]: ["unknown: F7B0"]}


def test_a_database_that_is_none_is_refused(database):
    with pytest.raises(UserError, match="database of Project Trellis cannot be read"):
        database.kind("NONE")
    (database.folder / "ECP5" / "tiledata" / "ONE" / "bits.db").write_text(".what is this\n")
    with pytest.raises(UserError, match="unknown record"):
        database.kind("ONE")
