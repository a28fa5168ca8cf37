# SPDX-License-Identifier: BSD-3-Clause
"""The fields of a board's file."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from hw_flows.families import available_families, find_family
from hw_flows.families.resources import Budget
from hw_flows.flow_names import known_flow
from hw_flows.machine.errors import UserError

#: No shell: the build ends with the accelerator, whatever will stand around it.
NO_SHELL = "none"


class Pin(BaseModel):
    """One pin of the device; `G2` is short for `{site: G2}`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    site: str = Field(pattern=r"^[A-Z]{1,2}\d{1,2}$", description="The package's name of it.")
    standard: str = Field("LVCMOS33", pattern=r"^[A-Z0-9_]+$", description="Its voltage standard.")
    inverted: bool = Field(False, description="Whether 0 means on: buttons and LEDs to ground.")


OnePin = Annotated[Pin, BeforeValidator(lambda given: {"site": given} if isinstance(given, str) else given)]


class Pins(BaseModel):
    """The pins that a shell without a processing system uses."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    clock: OnePin = Field(description="From the oscillator.")
    rxd: OnePin = Field(description="Serial line from the host.")
    txd: OnePin = Field(description="Serial line to the host.")
    reset: OnePin | None = Field(None, description="A button that resets all.")
    leds: tuple[OnePin, ...] = Field((), description="LEDs, the first ones show the shell's state.")
    high: tuple[OnePin, ...] = Field((), description="Outputs that are to be 1, for other chips on the board.")
    low: tuple[OnePin, ...] = Field((), description="Outputs that are to be 0.")


class Serial(BaseModel):
    """The serial line to the host."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bridge: str = Field(description="What makes it of USB, and where it is plugged in, in words.")
    usb: str | None = Field(
        None, pattern=r"^[0-9a-f]{4}:[0-9a-f]{4}$", description="USB vendor and product by which its port is found."
    )
    baud: tuple[Annotated[int, Field(ge=9600, le=12_000_000)], ...] = Field(
        min_length=1, description="Speeds that the bridge makes exactly, fastest first."
    )


class Board(BaseModel):
    """One board."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", description="Of its file, without .yaml.")
    title: str = Field(description="Maker's name of the board.")
    part: str = Field(description="Ordering code of the device, as the vendor's tools take it.")
    family: str = Field(description="Device family: a folder of hw_flows/families.")
    budget: Budget = Field(None, validate_default=True, description="What the device has; default the family's table.")
    shell: str = Field(description="What stands around the accelerator: a shell of the family, or none.")
    clock_mhz: float = Field(gt=0, description="Clock of the accelerator unless the build says otherwise.")
    oscillator_mhz: float = Field(gt=0, description="Clock that the board feeds to the programmable logic.")
    flows: tuple[Annotated[str, AfterValidator(known_flow)], ...] | None = Field(
        None, min_length=1, description="Its flows, where it has fewer than know its family and shell."
    )
    tried: str = Field("", description="What was and what was not tried with this file, in a few words.")
    aliases: tuple[str, ...] = Field((), description="Other names that people use for the board.")
    pins: Pins | None = Field(None, description="Pins, for shells that use some.")
    serial: Serial | None = Field(None, description="Serial line to the host, for shells that use one.")
    ps_clock_mhz: float | None = Field(
        None, gt=0, description="Clock of the processing system that the accelerator's is divided from (Zynq)."
    )
    host_bytes_per_second: float | None = Field(
        None,
        gt=0,
        description="Link bandwidth to the host, bytes/s in each direction; omit it where the link is no bottleneck.",
    )
    dram_mb_s: float | None = Field(
        None,
        gt=0,
        description="What a design may read of the board's memory, MB/s (10^6 bytes); the rest stays with the processor. "
        "Omit it where the programmable logic has no way there.",
    )
    dram_ports: int = Field(
        0,
        ge=0,
        le=4,
        validate_default=True,
        description="Read ports of 64 bits from the programmable logic to that memory, each a word a cycle.",
    )
    loader: str = Field("", pattern=r"^[\w.-]*$", description="The board's name in openFPGALoader.")
    finn_name: str = Field("", description="The board's name in FINN, where FINN has a shell for it.")

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

    @field_validator("dram_ports")
    @classmethod
    def _memory_with_ports(cls, ports: int, info: ValidationInfo) -> int:
        if "dram_mb_s" in info.data and (info.data["dram_mb_s"] is not None) != (ports > 0):
            raise ValueError("dram_mb_s and dram_ports belong together: give both, or neither")
        return ports

    @field_validator("shell")
    @classmethod
    def _shell_of_the_family(cls, name: str, info: ValidationInfo) -> str:
        if "family" in info.data:
            known = (NO_SHELL, *find_family(info.data["family"]).shells)
            if name not in known:
                family = info.data["family"]
                raise ValueError(f"family {family} has no shell {name!r}; choose one of: {', '.join(known)}")
        return name
