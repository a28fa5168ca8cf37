# SPDX-License-Identifier: BSD-3-Clause
"""FASM to frames and back, on a database of two tiles made up for these tests."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hw_flows.machine.errors import CheckFailed, UserError
from hw_flows.place_route.fasm import Feature, parse_fasm
from hw_flows.place_route.frames import FRAME_WORDS, assemble, disassemble, visible
from hw_flows.place_route.xray import Database

PART = "xc7z020clg400-1"
GRID = {
    "CLB_X0Y0": {
        "type": "CLB",
        "grid_x": 1,
        "grid_y": 2,
        "sites": {},
        "bits": {"CLB_IO_CLK": {"baseaddr": "0x00000100", "frames": 4, "offset": 2, "words": 2}},
    },
    "RAM_X0Y0": {
        "type": "RAM",
        "grid_x": 3,
        "grid_y": 2,
        "sites": {},
        "bits": {
            "CLB_IO_CLK": {"baseaddr": "0x00000100", "frames": 4, "offset": 4, "words": 2},
            "BLOCK_RAM": {"baseaddr": "0x00C00000", "frames": 8, "offset": 0, "words": 10},
        },
    },
}
SEGBITS = {
    "segbits_clb.db": "CLB.LUT.INIT[00] 00_00\nCLB.LUT.INIT[01] 00_01\nCLB.LUT.INIT[11] 01_63\n"
    "CLB.MUX.A 02_05 !02_06\nCLB.MUX.B 02_06 !02_05\nCLB.MUX.C 02_05 02_06\nCLB.NOCLKINV !03_01\n",
    "segbits_ram.db": "RAM.EN 03_00\n",
    "segbits_ram.block_ram.db": "RAM.INIT_00[000] 00_00\nRAM.INIT_00[255] 07_319\n",
    "ppips_clb.db": "CLB.WIRE.ALWAYS_THERE always\n",
}


@pytest.fixture
def database(tmp_path):
    (tmp_path / PART).mkdir()
    (tmp_path / PART / "part.yaml").write_text("")
    (tmp_path / "xc7z020").mkdir()
    (tmp_path / "xc7z020" / "tilegrid.json").write_text(json.dumps(GRID))
    for name, text in SEGBITS.items():
        (tmp_path / name).write_text(text)
    return Database(tmp_path, PART)


def features(text: str) -> list[Feature]:
    return list(parse_fasm(text.splitlines(), "test"))


DESIGN = """\
# a comment
CLB_X0Y0.LUT.INIT[11:0] = 12'b100000000010
CLB_X0Y0.MUX.A
CLB_X0Y0.NOCLKINV
CLB_X0Y0.WIRE.ALWAYS_THERE
RAM_X0Y0.EN = 1
RAM_X0Y0.INIT_00[255:0] = 256'h8000000000000000000000000000000000000000000000000000000000000001
"""


def test_fasm_becomes_single_bits():
    assert features("T_X0Y0.A.B\nT_X0Y0.C = 0\nT_X0Y0.D[7:4] = 4'h9") == [
        Feature("T_X0Y0", "A.B", 0),
        Feature("T_X0Y0", "D", 4),
        Feature("T_X0Y0", "D", 7),
    ]
    with pytest.raises(CheckFailed, match="not FASM"):
        features("T_X0Y0 A.B")
    with pytest.raises(CheckFailed, match="wider than its feature"):
        features("T_X0Y0.A[1:0] = 4'hF")


def test_bits_lie_where_the_tile_does(database):
    frames = assemble(features(DESIGN), database)
    assert frames[0x100][2] == 0b10 and frames[0x101][3] == 1 << 31
    assert frames[0x102][2] == 1 << 5 and frames[0x103][4] == 1
    assert frames[0xC00000][0] == 1 and frames[0xC00007][9] == 1 << 31
    assert sum(int(np.bitwise_count(words).sum()) for words in frames.values()) == 6


def test_what_goes_in_comes_out(database):
    design = features(DESIGN)
    found = disassemble(assemble(design, database), database)
    assert found == visible(design, database)
    assert Feature("CLB_X0Y0", "NOCLKINV", 0) not in found  # its only bit is 0
    assert len(found) == 6


def test_a_changed_bit_is_noticed(database):
    design = features(DESIGN)
    for address, word, bit in ((0x100, 2, 0), (0x102, 2, 6), (0xC00000, 0, 0)):
        frames = assemble(design, database)
        frames[address][word] ^= np.uint32(1 << bit)
        assert disassemble(frames, database) != visible(design, database)


def test_features_that_contradict_each_other_are_refused(database):
    with pytest.raises(CheckFailed, match="sets a bit that"):
        assemble(features("CLB_X0Y0.MUX.A\nCLB_X0Y0.MUX.B"), database)


def test_a_feature_includes_another(database):
    # both of A's and B's bits are what C is made of
    frames = {0x102: np.zeros(FRAME_WORDS, np.uint32)}
    frames[0x102][2] = 0b11 << 5
    assert disassemble(frames, database) == {Feature("CLB_X0Y0", "MUX.C", 0)}


def test_unknown_features_and_parts_are_named(database):
    with pytest.raises(CheckFailed, match=r"CLB_X0Y0.DSP.MASK\[0\].* does not know"):
        assemble(features("CLB_X0Y0.DSP.MASK"), database)
    with pytest.raises(UserError, match="knows no part xc7z035"):
        Database(database.folder, "xc7z035clg400-1")
