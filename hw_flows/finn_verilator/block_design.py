# SPDX-License-Identifier: BSD-3-Clause
"""Stands in for `vivado -mode batch -source make_project.tcl`: FINN's stitched design as plain Verilog.

FINN's `CreateStitchedIP` writes a Tcl script that builds a block design of its operators for Vivado's IP integrator. This
reads the block design's commands from that script and writes the same wrapper module: cells of modules in hierarchies,
nets, interfaces joined signal by signal, ports named as FINN names them. Vivado's own IP cores, synthesis and packaging
need Vivado: where the script asks for the first two it ends with an error that says so, the last is left out.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hw_flows.finn_verilator.ports import Port, module_ports
from hw_flows.machine.errors import UserError
from hw_flows.machine.tools import package_folder
from quantunet_common.files import write_text_atomically

#: Written into the working folder where the script failed; FINN's shell script for Vivado hides its exit status.
ERROR_FILE = "block_design_error.txt"
EXAMPLE = "vivado -mode batch -source make_project.tcl"
#: Has no effect on what the design does.
_IGNORED = frozenset(
    (
        *("create_project", "set_msg_config", "update_ip_catalog", "create_bd_design", "create_bd_pin"),
        *("create_bd_intf_pin", "assign_bd_address", "save_bd_design", "validate_bd_design"),
    )
)
_WORD = re.compile(r"""\{((?:[^{}]|\{[^{}]*\})*)\}|\[((?:[^\[\]]|\[[^\[\]]*\])*)\]|"([^"]*)"|(\S+)""")


@dataclass
class _Groups:
    """Sets of names that belong together, grown pair by pair."""

    parent: dict[str, str] = field(default_factory=dict)

    def find(self, name: str) -> str:
        self.parent.setdefault(name, name)
        while self.parent[name] != name:
            name = self.parent[name]
        return name

    def join(self, first: str, second: str) -> None:
        self.parent[self.find(second)] = self.find(first)

    def members(self) -> Iterator[list[str]]:
        groups: dict[str, list[str]] = {}
        for name in self.parent:
            groups.setdefault(self.find(name), []).append(name)
        yield from groups.values()


@dataclass
class _Cell:
    module: str
    parameters: dict[str, str] = field(default_factory=dict)


@dataclass
class BlockDesign:
    """What the script's commands have built. Ports of the design are the names that begin with `:`."""

    sources: list[Path] = field(default_factory=list)
    cells: dict[str, _Cell] = field(default_factory=dict)
    nets: _Groups = field(default_factory=_Groups)
    interfaces: _Groups = field(default_factory=_Groups)
    names: dict[str, str] = field(default_factory=dict)
    """Port -> name it was given."""

    def command(self, line: str) -> None:
        """Carry out one line of the script; UserError where that takes Vivado."""
        words = _words(line)
        if not words or words[0] in _IGNORED:
            return
        do = getattr(self, f"_{words[0]}", None)
        if do is None:
            raise UserError(f"{words[0]} needs Vivado", line.strip())
        do(*words[1:])

    def _add_files(self, *words: str) -> None:
        file = Path(words[-1])
        if file not in self.sources:
            self.sources.append(file)

    def _create_bd_cell(self, *words: str) -> None:
        options = dict(zip(words[:-1:2], words[1:-1:2], strict=True))
        if "-vlnv" in options:
            raise UserError(f"the IP core {options['-vlnv']} needs Vivado", words[-1])
        if "-reference" in options:
            self.cells[words[-1].strip("/")] = _Cell(options["-reference"])

    def _connect_bd_net(self, first: str, *others: str) -> None:
        for other in others:
            self.nets.join(self._end(first), self._end(other))

    def _connect_bd_intf_net(self, first: str, *others: str) -> None:
        for other in others:
            self.interfaces.join(self._end(first), self._end(other))

    def _make_bd_pins_external(self, pin: str) -> None:
        self._connect_bd_net(f"get_bd_ports {self._new_port(pin)}", pin)

    def _make_bd_intf_pins_external(self, pin: str) -> None:
        self._connect_bd_intf_net(f"get_bd_intf_ports {self._new_port(pin)}", pin)

    def _new_port(self, pin: str) -> str:
        """Vivado's name for a port made of a pin: with the first number that is free."""
        base = pin.split("/")[-1]
        number = 0
        while f"{base}_{number}" in self.names.values():
            number += 1
        self.names[f":{len(self.names)}"] = f"{base}_{number}"
        return f"{base}_{number}"

    def _set_property(self, *words: str) -> None:
        *what, target = words
        kind, _, name = target.partition(" ")
        if what[0] == "name" and kind in ("get_bd_ports", "get_bd_intf_ports"):
            self.names[self._port(name)] = what[1]
        elif kind == "get_bd_cells":
            pairs = _words(what[1].removeprefix("list ")) if what[0] == "-dict" else what
            cell = self.cells.get(name.strip("/"))
            for key, value in zip(pairs[::2], pairs[1::2], strict=True):
                if cell is not None and key.startswith("CONFIG."):
                    cell.parameters[key.removeprefix("CONFIG.")] = value

    def _port(self, name: str) -> str:
        for port, given in self.names.items():
            if given == name.strip("/"):
                return port
        raise UserError(f"the block design has no port {name}")

    def _end(self, word: str) -> str:
        kind, _, name = word.partition(" ")
        return self._port(name) if kind.endswith("_ports") else name.strip("/")

    def verilog(self, top: str) -> str:
        """The design as module `top`. Raises ToolError where Verilator refuses a cell's module."""
        ports = {
            path: {p.name: p for p in module_ports(c.module, c.parameters, self.sources)}
            for path, c in self.cells.items()
        }
        nets = [self._pins(group, ports) for group in self.nets.members()]
        for group in self.interfaces.members():
            nets += self._signals(group, ports)
        declared, wires, connected = [], [], {}
        for index, (name, pins) in enumerate(nets):
            if not pins:
                continue
            drivers = [ports[cell][pin] for cell, pin in pins if ports[cell][pin].direction == "OUT"]
            if len(drivers) > 1:
                raise UserError(f"{' and '.join(f'{c}/{p}' for c, p in pins)} drive the same net")
            # without a driver, the widest sink decides: the port of the design drives it
            width = drivers[0].width if drivers else max(ports[cell][pin].width for cell, pin in pins)
            wire = name or f"net{index}"
            if name is not None:
                declared.append(f"  {'output' if drivers else 'input'} wire [{width - 1}:0] {name}")
            else:
                wires.append(f"  wire [{width - 1}:0] {wire};")
            connected.update(dict.fromkeys(pins, wire))
        lines = [f"module {top} (", ",\n".join(declared), ");", *wires]
        for path, cell in self.cells.items():
            lines += _instance(path, cell, ports[path], connected)
        return "\n".join([*lines, "endmodule", ""])

    def _pins(
        self, group: list[str], ports: Mapping[str, Mapping[str, Port]]
    ) -> tuple[str | None, list[tuple[str, str]]]:
        """A net's name if it is a port, and its pins (cell, port); pins of hierarchies only pass it on."""
        name = next((self.names[member] for member in group if member.startswith(":")), None)
        found = []
        for member in group:
            cell, _, pin = member.rpartition("/")
            if cell in ports:
                if pin not in ports[cell]:
                    raise UserError(f"{self.cells[cell].module} has no port {pin}", member)
                found.append((cell, pin))
        return name, found

    def _signals(
        self, group: list[str], ports: Mapping[str, Mapping[str, Port]]
    ) -> Iterator[tuple[str | None, list[tuple[str, str]]]]:
        """The nets of one interface: signals of the same name, whatever their case."""
        name = next((self.names[member] for member in group if member.startswith(":")), None)
        signals: dict[str, list[tuple[str, str]]] = {}
        for member in group:
            cell, _, interface = member.rpartition("/")
            for pin in ports.get(cell, ()):
                if pin.startswith(f"{interface}_") and "_" not in (signal := pin.removeprefix(f"{interface}_").lower()):
                    signals.setdefault(signal, []).append((cell, pin))
        for signal, pins in signals.items():
            yield f"{name}_{signal}" if name else None, pins


def _instance(path: str, cell: _Cell, ports: Mapping[str, Port], connected: Mapping[tuple[str, str], str]) -> list[str]:
    parameters = ", ".join(f".{name}({value})" for name, value in cell.parameters.items())
    pins = []
    for name, port in ports.items():
        # Vivado ties open inputs to 0 and lets a stream that nobody takes flow
        idle = "" if port.direction == "OUT" else f"{port.width}'d{int(name.lower().endswith('_tready'))}"
        pins.append(f"    .{name}({connected.get((path, name), idle)})")
    return [f"  {cell.module} {f'#({parameters}) ' if parameters else ''}\\{path} (", ",\n".join(pins), "  );"]


def _words(line: str) -> list[str]:
    """The words of a Tcl command; what stands in braces or brackets is one, without them."""
    expanded = re.sub(r"\$::env\((\w+)\)", lambda name: _environment(name[1]), line)
    return [next(part for part in match.groups() if part is not None).strip() for match in _WORD.finditer(expanded)]


def _environment(name: str) -> str:
    if name in os.environ:
        return os.environ[name]
    if name == "FINN_RTLLIB":
        return str(package_folder("finn") / "finn-rtllib")
    raise UserError(f"the environment variable {name} is not set")


def stitch(script: Path) -> Path:
    """Carry out FINN's `make_project.tcl`: write the wrapper and the list of sources it names; returns the wrapper.

    Raises UserError where the script asks for what takes Vivado, or is none of `CreateStitchedIP`.
    """
    text = script.read_text(encoding="utf-8")
    wrapper = re.search(
        r"^add_files -norecurse (\S+_wrapper\.v)$\n^set_property top (\w+) \[current_fileset\]$", text, re.M
    )
    listed = re.search(r"^set fp \[open (\S+all_verilog_srcs\.txt) w\]$", text, re.M)
    if wrapper is None or listed is None:
        raise UserError("only FINN's scripts for stitched designs run without Vivado", str(script))
    if "launch_runs" in text[wrapper.end() : text.index("ipx::package_project")]:
        raise UserError("synthesis needs Vivado", str(script))
    design = BlockDesign()
    lines = text[: text.index("make_wrapper -files")].splitlines()
    for line in lines:
        if not line.startswith(("set_property ip_repo_paths", "set_property CONFIG.FREQ_HZ")):
            design.command(line)
    file = Path(wrapper[1])
    write_text_atomically(file, design.verilog(wrapper[2]))
    write_text_atomically(Path(listed[1]), "".join(f"{source}\n" for source in [*design.sources, file]))
    return file


def main(arguments: list[str] | None = None) -> int:
    """The command line that FINN gives Vivado."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        if arguments[:3] != ["-mode", "batch", "-source"] or len(arguments) != 4:
            raise UserError(f"vivado {' '.join(arguments)} needs Vivado", "", f"without it only: {EXAMPLE}")
        print(stitch(Path(arguments[3])))
    except UserError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        write_text_atomically(Path(ERROR_FILE), f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
