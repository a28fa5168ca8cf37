# SPDX-License-Identifier: BSD-3-Clause
"""What a device family tells of itself: all that synthesis, simulation, folding and boards ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from hw_flows.families.resources import Budget
from hw_flows.machine.errors import UserError

if TYPE_CHECKING:
    from hw_flows.families.cells import VendorCell
    from hw_flows.families.program import Model


@dataclass(frozen=True)
class Synthesis:
    """How Yosys maps to the family; paths are relative to its share folder."""

    libraries: str
    """Commands that declare the vendor's cells, without their timing."""
    timed_libraries: str
    """The same with the timing that ABC maps by."""
    command: str
    """The synthesis command with its family, for example `synth_xilinx -family xc7`."""
    options: str
    """Options of the command behind the top module; its last step of set-up is where `-run` begins."""
    models: tuple[str, ...]
    """Verilog with the cells' simulation models; includes are followed in the first file, the others only declare."""
    abc_delay_ps: int | None = None
    """Target of ABC's mapping; None: every operator as fast as it gets."""
    shell_options: str = ""
    """More options for the shell around the accelerator."""
    routable: str = ""
    """Commands at the end of the whole design's script, without which place and route does not take the netlist."""

    @property
    def target(self) -> str:
        return "" if self.abc_delay_ps is None else f"scratchpad -set abc9.D {self.abc_delay_ps}\n"


@dataclass(frozen=True, eq=False)
class Family:
    """One family. Its cells and devices are read when they are asked for."""

    package: str
    """Of its folder: `__name__` there. The last part is the family's name, as boards give it."""
    title: str
    synthesis: Synthesis
    units: Mapping[str, str]
    """Resource -> what one of it is on these devices."""
    shells: tuple[str, ...]
    """Folders of `hw_flows/shells` that can stand around an accelerator on some of these devices."""
    cost_scale: Mapping[str, float] = field(default_factory=dict)
    """Resource -> factor from the operators' cost models, which are of 7-series, to this family; 1 where it is left out."""
    no_open_tools: str = ""
    """Why no open tool makes a bitstream for these devices, if so; told where a user asks for one."""
    deepest_shift_register: int | None = None
    """Up to this depth a FIFO of registers is cheaper than one of distributed memory; None: shift registers are cells."""

    @property
    def name(self) -> str:
        return self.package.rpartition(".")[2]

    @cached_property
    def cells(self) -> Mapping[str, VendorCell]:
        """Cell type -> what it is; the cells that netlists of this project have."""
        cells: Mapping[str, VendorCell] = import_module(f"{self.package}.cells").CELLS
        return cells

    @property
    def programs(self) -> dict[str, Model]:
        """Cell type -> its gate-level program; cells without one are left out."""
        return {name: cell.program for name, cell in self.cells.items() if cell.program is not None}

    def write_cell_models(self, destination: Path) -> Path:
        """Write the simulation models of the cells, in Verilog; returns `destination`."""
        from hw_flows.families.verilog import write_cell_models

        return write_cell_models(self.synthesis.models, self.cells, destination)

    @cached_property
    def devices(self) -> dict[str, Budget]:
        """Device, the beginning of its ordering codes -> what it has."""
        text = files(self.package).joinpath("devices.yaml").read_text(encoding="utf-8")
        return {name: Budget.model_validate(row) for name, row in yaml.safe_load(text).items()}

    def budget(self, part: str) -> Budget:
        """What the device of an ordering code has. Raises UserError that lists the devices."""
        matching = [device for device in self.devices if part.startswith(device)]
        if not matching:
            raise UserError(
                f"family {self.name} has no device {part!r}",
                "part",
                f"devices: {', '.join(sorted(self.devices))}; of another one give the `budget`",
            )
        return self.devices[max(matching, key=len)]
