# SPDX-License-Identifier: BSD-3-Clause
"""Resources of a device: what a netlist takes, and what there is."""

from __future__ import annotations

from dataclasses import dataclass, fields

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer


class Budget(BaseModel):
    """What a device has. BRAM36 counts blocks of 36 kbit, URAM of 288 kbit; LUTRAM is the part of LUT that can be memory.

    A resource that only some families have is in the dump where there is any.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    LUT: int = Field(gt=0)
    FF: int = Field(gt=0)
    LUTRAM: int = Field(gt=0, description="LUTs that can be distributed memory or, on xc7, shift registers.")
    BRAM36: int = Field(gt=0)
    URAM: int = Field(0, ge=0)
    DSP: int = Field(gt=0)

    @model_serializer(mode="wrap")
    def _what_there_is(self, dump: SerializerFunctionWrapHandler) -> dict[str, int]:
        return {name: available for name, available in dump(self).items() if name != "URAM" or available}


@dataclass(frozen=True)
class Resources:
    """Resources of a device, in its own units (see `Family.units`); LUT includes LUTRAM, LUTRAM includes SRL."""

    LUT: float = 0
    FF: float = 0
    LUTRAM: float = 0
    SRL: float = 0
    BRAM36: float = 0
    URAM: float = 0
    DSP: float = 0

    def __add__(self, other: Resources) -> Resources:
        return Resources(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})

    def __mul__(self, factor: int) -> Resources:
        return Resources(**{f.name: getattr(self, f.name) * factor for f in fields(self)})

    def fits(self, budget: Budget) -> bool:
        return all(getattr(self, name) <= getattr(budget, name) for name in Budget.model_fields)


LUT, FF, NOTHING = Resources(LUT=1), Resources(FF=1), Resources()
#: A LUT as shift register.
SRL = Resources(LUT=1, LUTRAM=1, SRL=1)


def memory(luts: int) -> Resources:
    """So many LUTs as distributed memory."""
    return Resources(LUT=luts, LUTRAM=luts)
