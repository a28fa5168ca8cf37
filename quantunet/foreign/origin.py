# SPDX-License-Identifier: BSD-3-Clause
"""Where the weights came from that a training started from: what its log says and its checkpoint records."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from quantunet.record import read_record

_MOST_BYTES = 2**20


class Origin(BaseModel):
    """A file of another project's network; no place on a machine is named."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    family: str
    file: str
    """Its name, without folders."""
    sha256: str
    taken: int
    """Convolutions whose weights were taken."""
    not_taken: tuple[str, ...] = ()
    """Convolutions that start anew, with their normalization, and why."""
    inexact: tuple[str, ...] = ()
    """What the network does differently from the one that it started from."""

    def __str__(self) -> str:
        said = f"starts from {self.file} ({self.family}): {self.taken} convolutions taken"
        if self.not_taken:
            said += f"; not taken: {', '.join(self.not_taken)}"
        return said + "".join(f"; {what}" for what in self.inexact)


def read_origin(path: Path) -> Origin | None:
    """What a training wrote before it was interrupted; None where there is no such file.

    Raises:
        UserError: it is damaged.
    """
    return read_record(Origin, path, _MOST_BYTES, "Start again in a new output folder.")
