# SPDX-License-Identifier: BSD-3-Clause
"""Nodes, switches and bits on a database of four tiles made up for these tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hw_flows.lift.configuration import Configuration
from hw_flows.lift.fabric import Fabric, Pin, Wire
from hw_flows.lift.routing import Floating, Level, Router
from hw_flows.machine.errors import CheckFailed
from hw_flows.place_route.fasm import Feature, parse_fasm
from hw_flows.place_route.frames import assemble
from hw_flows.place_route.xray import Database

PART = "xc7z020clg400-1"
#: LOGIC, INT, INT, LOGIC from left to right.
COLUMNS = ("LOGIC", "INT", "INT", "LOGIC")
PIPS = {
    "LOGIC": [("IN1", "IMUX1"), ("IN2", "IMUX2")],
    "INT": [
        ("IMUX1", "OUT"),
        ("IMUX1", "EAST_END"),
        ("IMUX1", "VCC_WIRE"),
        ("IMUX2", "GND_WIRE"),
        ("EAST", "OUT"),
        ("FREE", "OUT"),
    ],
}
SITES: dict[str, list[tuple[str, dict[str, str]]]] = {
    "LOGIC": [("CELL", {"I1": "IN1", "I2": "IN2", "O": "OUT"})],
    "INT": [("TIEOFF", {"HARD0": "GND_WIRE", "HARD1": "VCC_WIRE"})],
}
WIRES = {
    "LOGIC": ["IN1", "IN2", "IMUX1", "IMUX2", "OUT"],
    "INT": ["IMUX1", "IMUX2", "OUT", "EAST", "EAST_END", "FREE", "GND_WIRE", "VCC_WIRE"],
}
DIRECTIONS = {"CELL": {"I1": "IN", "I2": "IN", "O": "OUT"}, "TIEOFF": {"HARD0": "OUT", "HARD1": "OUT"}}
FILES = {
    "segbits_int.db": "INT.IMUX1.OUT 00_00 !00_01\nINT.IMUX1.EAST_END 00_01 !00_00\nINT.IMUX2.GND_WIRE 00_02\nINT.EAST.OUT 00_03\n",
    "segbits_logic.db": "LOGIC.CELL.ON 00_05\n",
    "ppips_int.db": "INT.IMUX1.VCC_WIRE default\n",
    "ppips_logic.db": "LOGIC.IN1.IMUX1 always\nLOGIC.IN2.IMUX2 always\n",
}
TILECONN: list[dict[str, Any]] = [
    {
        "grid_deltas": [1, 0],
        "tile_types": ["LOGIC", "INT"],
        "wire_pairs": [["IMUX1", "IMUX1"], ["IMUX2", "IMUX2"], ["OUT", "OUT"]],
    },
    {"grid_deltas": [-1, 0], "tile_types": ["LOGIC", "INT"], "wire_pairs": [["IMUX1", "IMUX1"], ["IMUX2", "IMUX2"]]},
    {"grid_deltas": [1, 0], "tile_types": ["INT", "INT"], "wire_pairs": [["EAST", "EAST_END"]]},
]


@pytest.fixture
def database(tmp_path: Path) -> Database:
    device = tmp_path / "xc7z020"
    for folder in (device, tmp_path / PART):
        folder.mkdir()
    (tmp_path / PART / "part.yaml").write_text("")
    grid = {
        f"{kind}_X{x}Y0": {
            "type": kind,
            "grid_x": x,
            "grid_y": 0,
            "sites": {f"{SITES[kind][0][0]}_X{x}Y0": SITES[kind][0][0]},
            "bits": {"CLB_IO_CLK": {"baseaddr": f"0x{0x100 * (x + 1):08X}", "frames": 2, "offset": 0, "words": 2}},
        }
        for x, kind in enumerate(COLUMNS)
    }
    (device / "tilegrid.json").write_text(json.dumps(grid))
    (device / "tileconn.json").write_text(json.dumps(TILECONN))
    for kind, pips in PIPS.items():
        data = {
            "pips": {
                f"{kind}.{source}->{to}": {"dst_wire": to, "src_wire": source, "is_directional": "1"}
                for to, source in pips
            },
            "wires": dict.fromkeys(WIRES[kind]),
            "sites": [
                {
                    "name": "X0Y0",
                    "type": site,
                    "prefix": site,
                    "x_coord": 0,
                    "y_coord": 0,
                    "site_pins": {p: {"wire": w} for p, w in pins.items()},
                }
                for site, pins in SITES[kind]
            ],
        }
        (tmp_path / f"tile_type_{kind}.json").write_text(json.dumps(data))
    for kind, directions in DIRECTIONS.items():
        pins = {pin: {"direction": direction} for pin, direction in directions.items()}
        (tmp_path / f"site_type_{kind}.json").write_text(json.dumps({"site_pins": pins}))
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return Database(tmp_path, PART)


def router(database: Database, text: str) -> Router:
    frames = assemble(list(parse_fasm(text.split(), "test")), database)
    return Router(Fabric(database), Configuration(frames, database), lambda pin: True)


def test_wires_of_neighbours_are_one_node(database: Database):
    fabric = Fabric(database)
    node = fabric.node(Wire("INT_X1Y0", "EAST"))
    assert node == (Wire("INT_X1Y0", "EAST"), Wire("INT_X2Y0", "EAST_END"))
    assert fabric.node(Wire("INT_X2Y0", "EAST_END")) is node
    assert fabric.node(Wire("LOGIC_X0Y0", "OUT")) == (Wire("INT_X1Y0", "OUT"), Wire("LOGIC_X0Y0", "OUT"))
    assert fabric.node(Wire("LOGIC_X3Y0", "OUT")) == (Wire("LOGIC_X3Y0", "OUT"),)  # nothing joins it on this side


def test_a_pin_is_followed_back_to_its_driver(database: Database):
    found = router(database, "INT_X1Y0.EAST.OUT INT_X2Y0.IMUX1.EAST_END")
    assert found.source_of(Pin("LOGIC_X3Y0", 0, "I1")) == Pin("LOGIC_X0Y0", 0, "O")
    assert found.configuration.unread() == []


def test_constants_and_what_is_not_routed(database: Database):
    found = router(database, "INT_X2Y0.IMUX2.GND_WIRE")
    assert found.source_of(Pin("LOGIC_X3Y0", 0, "I2")) == Level(0, False)
    assert found.source_of(Pin("LOGIC_X0Y0", 0, "I1")) == Level(1, True)
    floating = found.source_of(Pin("LOGIC_X0Y0", 0, "I2"))
    assert isinstance(floating, Floating) and floating.undocumented == ()
    unknown = found.source(Wire("INT_X1Y0", "FREE"))
    assert isinstance(unknown, Floating) and unknown.undocumented == ("INT_X1Y0/OUT",)


def test_a_switch_that_leads_nowhere_is_told(database: Database):
    found = router(database, "INT_X1Y0.EAST.OUT INT_X2Y0.IMUX1.EAST_END LOGIC_X0Y0.CELL.ON")
    found.source_of(Pin("LOGIC_X0Y0", 0, "I1"))
    assert found.unused_switches() == [Feature("INT_X1Y0", "EAST.OUT", 0), Feature("INT_X2Y0", "IMUX1.EAST_END", 0)]
    assert found.configuration.unread() == [Feature("LOGIC_X0Y0", "CELL.ON", 0)]


def test_two_drivers_of_a_node_are_refused(database: Database):
    """The made-up grid joins the IMUX of a tile to the tiles on both sides."""
    fabric = Fabric(database)
    frames = assemble(list(parse_fasm(["INT_X1Y0.EAST.OUT"], "test")), database)
    configuration = Configuration(frames, database)
    kind = fabric.tile_type("INT")
    kind.drivers["EAST"] = [(0, "HARD1")]  # a pin where a switch drives already
    with pytest.raises(CheckFailed, match="2 drivers of one node: constant 1, INT_X1Y0/OUT -> EAST"):
        Router(fabric, configuration, lambda pin: True).source(Wire("INT_X1Y0", "EAST"))


def test_switches_in_a_ring_are_refused(database: Database):
    found = router(database, "INT_X1Y0.EAST.OUT")
    found.fabric.tile_type("LOGIC").drivers.clear()
    found.fabric.tile_type("INT").always["OUT"] = ("EAST",)
    with pytest.raises(CheckFailed, match="ring"):
        found.source(Wire("INT_X1Y0", "EAST"))


def test_a_bit_without_a_feature_is_named(database: Database):
    frames = assemble(list(parse_fasm(["INT_X1Y0.EAST.OUT"], "test")), database)
    frames[0x200][1] |= np.uint32(1 << 7)
    with pytest.raises(CheckFailed, match=r"1 bits .*: frame 0x00000200 word 1 bit 7 \(INT_X1Y0 bit 00_39\)"):
        Configuration(frames, database)


def test_features_are_read_as_numbers_and_by_their_bits(database: Database):
    frames = assemble(list(parse_fasm(["INT_X1Y0.EAST.OUT"], "test")), database)
    configuration = Configuration(frames, database)
    assert not configuration.has("INT_X1Y0", "IMUX2.GND_WIRE") and not configuration.has("INT_X2Y0", "EAST.OUT")
    assert configuration.unread() == [Feature("INT_X1Y0", "EAST.OUT", 0)]
    assert configuration.has("INT_X1Y0", "EAST.OUT") and configuration.unread() == []
    assert configuration.vector("INT_X1Y0", "EAST.OUT") == 1 and configuration.vector("INT_X2Y0", "EAST.OUT") == 0
    with pytest.raises(CheckFailed, match=r"no feature EAST.WEST\[0\] of INT"):
        configuration.has("INT_X1Y0", "EAST.WEST")
