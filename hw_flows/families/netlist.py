# SPDX-License-Identifier: BSD-3-Clause
"""A flat netlist as Yosys writes it (`write_json`): ports and cells of vendor types, nets numbered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hw_flows.machine.errors import UserError
from quantunet_common.files import read_json

#: Nets that every netlist has. UNDEFINED is 0 in one stimulus and 1 in the other, so it shows where it matters.
ZERO, ONE, UNDEFINED = 0, 1, 2
_CONSTANTS = {"0": ZERO, "1": ONE, "x": UNDEFINED, "z": UNDEFINED}
_FIRST_NET = 3


class Cell:
    """One cell, from which a model takes parameters and ports. What is left when it is done has no model.

    Net numbers of a port are in order from bit 0.
    """

    def __init__(self, name: str, data: dict[str, Any]) -> None:
        self.name = name
        self.type: str = data["type"]
        self._parameters: dict[str, Any] = dict(data["parameters"])
        self._ports: dict[str, list[int]] = {k: _nets(v) for k, v in data["connections"].items()}

    def parameter(self, name: str) -> str:
        """A parameter as Yosys writes it, without taking it; empty where it is not given."""
        return str(self._parameters.get(name, "")).strip()

    @property
    def connected(self) -> frozenset[str]:
        """Names of the ports that are connected and were not taken yet."""
        return frozenset(self._ports)

    def number(self, name: str, default: int = 0) -> int:
        """A parameter that is a number; undefined bits are 0."""
        value = self._parameters.pop(name, default)
        if isinstance(value, str):
            text = value.strip().replace("x", "0")
            if not text or set(text) - {"0", "1"}:
                raise self.error(f"parameter {name} is {value!r}, not a number")
            return int(text, 2)
        return int(value)

    def choice(self, name: str, default: str, known: Sequence[str]) -> str:
        """A parameter that is a word, one of `known`."""
        value = str(self._parameters.pop(name, default)).strip()  # Yosys puts a blank behind words such as "1"
        if value not in known:
            raise self.error(f"parameter {name} = {value!r} has no model (known: {', '.join(known)})")
        return value

    def number_among(self, name: str, default: int, known: Sequence[int]) -> int:
        value = self.number(name, default)
        if value not in known:
            raise self.error(f"parameter {name} = {value} has no model (known: {', '.join(map(str, known))})")
        return value

    def input(self, name: str, width: int = 1) -> list[int]:
        """Nets of an input; undefined where nothing is connected."""
        nets = self._ports.pop(name, [])
        if len(nets) > width:
            raise self.error(f"port {name} has {len(nets)} bits, not {width}")
        return nets + [UNDEFINED] * (width - len(nets))

    def wire(self, name: str) -> int:
        """Net of an input of one bit."""
        return self.input(name)[0]

    def inputs(self, *names: str) -> list[int]:
        return [self.wire(name) for name in names]

    def output(self, name: str, width: int = 1) -> list[int | None]:
        """Nets of an output; None for a bit that is not connected."""
        nets: list[int | None] = list(self._ports.pop(name, []))
        return nets + [None] * (width - len(nets))

    def tied(self, name: str, *values: int, width: int = 1) -> None:
        """An input that must be one of the constants `values` (or open, where UNDEFINED is among them), as the model
        leaves it out.
        """
        if any(net not in values for net in self.input(name, width)):
            raise self.error(f"port {name} is in use, which has no model")

    def without_effect(self, *names: str) -> None:
        """Ports and parameters that have no effect on what the cell computes."""
        for name in names:
            self._ports.pop(name, None)
            self._parameters.pop(name, None)

    def finish(self) -> None:
        """Raise UserError where something is left that the model has not taken."""
        left = sorted({*self._parameters, *self._ports})
        if left:
            raise self.error(f"{', '.join(left)} of {self.type} has no model")

    def error(self, what: str) -> UserError:
        return UserError(f"cell {self.name} ({self.type}): {what}", "netlist", "extend its family in hw_flows/families")


@dataclass(frozen=True)
class NetlistPort:
    name: str
    is_input: bool
    nets: tuple[int, ...]
    """From bit 0."""


class Netlist:
    """The one module with cells in a Yosys JSON file; or the one named `top`, beside libraries."""

    def __init__(self, data: dict[str, Any], where: str, top: str | None = None) -> None:
        named = data.get("modules", {}).items()
        modules = [m for name, m in named if m.get("cells") and top in (None, name)]
        if len(modules) != 1:
            raise UserError(f"{len(modules)} modules hold cells; a flat netlist has one", where)
        self.where = where
        module = modules[0]
        self._cells: dict[str, Any] = module["cells"]
        self.ports = {
            name: NetlistPort(name, port["direction"] == "input", tuple(_nets(port["bits"])))
            for name, port in module["ports"].items()
        }
        self.nets = 1 + max((net for nets in self._all_nets() for net in nets), default=_FIRST_NET)
        """One more than the largest net."""

    @classmethod
    def load(cls, path: Path, top: str | None = None) -> Netlist:
        """Raises UserError where there is no such file or it is no netlist."""
        try:
            data = read_json(path)
        except (OSError, ValueError) as error:
            raise UserError(f"the netlist cannot be read: {error}", str(path), "run step_synthesize") from error
        if not isinstance(data, dict):
            raise UserError("the netlist is not a JSON object", str(path), "run step_synthesize")
        return cls(data, str(path), top)

    def cells(self) -> Iterator[Cell]:
        for name, data in self._cells.items():
            yield Cell(name, data)

    def count(self) -> dict[str, int]:
        """Cells of each type."""
        counted: dict[str, int] = {}
        for data in self._cells.values():
            counted[data["type"]] = counted.get(data["type"], 0) + 1
        return dict(sorted(counted.items()))

    def _all_nets(self) -> Iterator[Sequence[int]]:
        for port in self.ports.values():
            yield port.nets
        for cell in self._cells.values():
            for bits in cell["connections"].values():
                yield _nets(bits)


def _nets(bits: Sequence[int | str]) -> list[int]:
    """Yosys numbers nets from 2 and gives constants as text."""
    return [_CONSTANTS[bit] if isinstance(bit, str) else bit - 2 + _FIRST_NET for bit in bits]
