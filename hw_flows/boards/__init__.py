# SPDX-License-Identifier: BSD-3-Clause
"""The boards that a build can be for: one YAML file each with part, clocks and flows."""

from __future__ import annotations

from importlib import resources
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from hw_flows.errors import UserError
from hw_flows.families import available_families, find_family
from hw_flows.families.resources import Budget


class Board(BaseModel):
    """One board."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str = Field(description="Maker's name of the board.")
    part: str = Field(description="Ordering code of the device, as the vendor's tools take it.")
    family: str = Field(description="Device family: a folder of hw_flows/families.")
    budget: Budget = Field(None, validate_default=True, description="What the device has; default the family's table.")
    clock_mhz: float = Field(gt=0, description="Clock of the accelerator unless the build says otherwise.")
    oscillator_mhz: float = Field(gt=0, description="Clock that the board feeds to the programmable logic.")
    flows: tuple[Literal["none", "open", "vivado", "finn"], ...]
    aliases: tuple[str, ...] = Field((), description="Other names that people use for the board.")
    pins: dict[str, str] = Field({}, description="Port of the shell -> package pin.")
    ps_clock_mhz: float | None = Field(
        None, gt=0, description="Clock of the processing system that the accelerator's is divided from (Zynq)."
    )
    open_flow: dict[str, int] = Field({}, description="Resources of which the open flow can use less: how many.")
    host_bytes_per_second: float | None = Field(
        None, gt=0, description="What the way to the host carries, in each direction, where that limits the board."
    )
    loader: str = Field("", description="The board's name in openFPGALoader.")

    @field_validator("family")
    @classmethod
    def _known_family(cls, name: str) -> str:
        if name not in available_families():
            raise ValueError(f"there is no device family {name!r}; choose one of: {', '.join(available_families())}")
        return name

    @field_validator("budget", mode="before")
    @classmethod
    def _of_the_device(cls, given: Any, info: ValidationInfo) -> Any:
        if given is not None or not {"family", "part"} <= info.data.keys():
            return given
        try:
            return find_family(info.data["family"]).budget(info.data["part"])
        except UserError as error:
            raise ValueError(f"{error.what}; {error.fix}") from None

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
