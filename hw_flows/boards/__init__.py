# SPDX-License-Identifier: BSD-3-Clause
"""The boards that a build can be for: one YAML file each with part, budget, clocks and flows."""

from __future__ import annotations

from importlib import resources
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from hw_flows.errors import UserError

Family = Literal["xc7", "ecp5"]


class Budget(BaseModel):
    """What the device has. BRAM36 counts blocks of 36 kbit; LUTRAM is the part of LUT that can be memory."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    LUT: int = Field(gt=0)
    FF: int = Field(gt=0)
    LUTRAM: int = Field(gt=0, description="LUTs that can be distributed memory or, on xc7, shift registers.")
    BRAM36: int = Field(gt=0)
    DSP: int = Field(gt=0)


class Board(BaseModel):
    """One board."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str = Field(description="Maker's name of the board.")
    part: str = Field(description="Ordering code of the device, as the vendor's tools take it.")
    family: Family
    budget: Budget
    units: dict[str, str] = Field(description="Resource -> what one of it is on this device.")
    clock_mhz: float = Field(gt=0, description="Clock of the accelerator unless the build says otherwise.")
    oscillator_mhz: float = Field(gt=0, description="Clock that the board feeds to the programmable logic.")
    flows: tuple[Literal["none", "open", "vivado", "finn"], ...]
    aliases: tuple[str, ...] = Field((), description="Other names that people use for the board.")
    pins: dict[str, str] = Field({}, description="Port of the shell -> package pin.")
    ps_clock_mhz: float | None = Field(
        None, gt=0, description="Clock of the processing system that the accelerator's is divided from (Zynq)."
    )
    open_flow: dict[str, int] = Field({}, description="Resources of which the open flow can use less: how many.")
    cost_scale: dict[str, float] = Field(
        {},
        description="Resource -> how many of this device stand for one that the operators' cost models (7-series) tell.",
    )
    host_bytes_per_second: float | None = Field(
        None, gt=0, description="What the way to the host carries, in each direction, where that limits the board."
    )
    loader: str = Field("", description="The board's name in openFPGALoader.")

    def in_flow(self, flow: str) -> Board:
        """This board with the budget that a flow can use."""
        if flow != "open":
            return self
        return self.model_copy(update={"budget": self.budget.model_copy(update=dict(self.open_flow))})


def available_boards() -> list[str]:
    """Names of all boards, sorted."""
    folder = resources.files(__name__)
    return sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml"))


def load_board(name: str) -> Board:
    """The board of that name or alias, in any case (FINN writes Pynq-Z2). Raises UserError that lists all boards."""
    boards = available_boards()
    if name.lower() in boards:
        return _read(name.lower())
    for board in map(_read, boards):
        if name.lower() in board.aliases:
            return board
    raise UserError(f"there is no board named {name!r}", "board", "choose one of: " + ", ".join(boards))


def _read(name: str) -> Board:
    text = resources.files(__name__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return Board.model_validate(yaml.safe_load(text))
