# SPDX-License-Identifier: BSD-3-Clause
"""Cells in a netlist as Yosys' JSON has them, for changes before place and route."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Number of a net, or "0", "1", "x".
Net = int | str
Cell = dict[str, Any]


def number(cell: Cell, name: str, default: int = 0) -> int:
    """A parameter that is a number; undefined bits are 0."""
    text = str(cell["parameters"].get(name, "")).strip()
    return int(text.replace("x", "0"), 2) if text else default


def word(cell: Cell, name: str) -> str:
    """A parameter that is a word; empty where it is not given. Yosys puts a blank behind some."""
    return str(cell["parameters"].get(name, "")).strip()


def new_cell(
    kind: str,
    parameters: Mapping[str, str],
    inputs: Mapping[str, list[Any]],
    outputs: Mapping[str, list[Any]],
    attributes: Mapping[str, str] | None = None,
) -> Cell:
    """Ports are buses of nets from bit 0."""
    return {
        "hide_name": 0,
        "type": kind,
        "parameters": dict(parameters),
        "attributes": dict(attributes or {}),
        "port_directions": {**dict.fromkeys(inputs, "input"), **dict.fromkeys(outputs, "output")},
        "connections": {**inputs, **outputs},
    }
