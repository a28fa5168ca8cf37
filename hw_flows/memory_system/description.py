# SPDX-License-Identifier: BSD-3-Clause
"""`MemorySystem`: the system as plain data, what later stages read of it. It is `rtl/system.json`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from hw_flows.accelerator import Accelerator
from hw_flows.machine.errors import UserError
from hw_flows.stream_memory.ring import BURST_BYTES, Ring, lay_out
from hw_flows.weight_memory.image import IMAGE_NAME, Layout
from quantunet_common.files import read_json, write_text_atomically

SYSTEM = "quantunet_system"
#: Below the output folder; the others are in `rtl/`.
IMAGE_FOLDER = "weights"
FILE_LIST, DESCRIPTION = "filelist_system.f", "system.json"
FORMAT = 2


@dataclass(frozen=True)
class MemorySystem:
    """In memory, from the base address on: the image of the weights, then the rings."""

    layout: Layout
    """Of the image; its regions are the streams `Accelerator.memory`, in that order, and bear their layers' names."""
    readers: int
    """Ports that read weights, `m_axi_0_*` and on."""
    sources: tuple[str, ...]
    """All SystemVerilog files in `rtl/` in compile order, the system's module last."""
    rings: tuple[Ring, ...] = field(default=())
    """Of the FIFOs `Accelerator.rings`, in that order. They have the port behind the readers', which also writes."""
    module: str = SYSTEM

    @property
    def ports(self) -> int:
        """Of the memory, in all."""
        return self.readers + self.writers

    @property
    def writers(self) -> int:
        """The last so many ports also write."""
        return int(bool(self.rings))

    @property
    def ring_bytes(self) -> int:
        """Memory of all rings, behind the image."""
        return lay_out(self.rings)[1] * BURST_BYTES if self.rings else 0

    @property
    def frame_bytes(self) -> int:
        """Read and written for a frame where every word of the rings waits in memory."""
        return self.layout.frame_bytes + 2 * sum(ring.frame_bytes for ring in self.rings)

    def save(self, rtl: Path) -> None:
        data = {
            "format": FORMAT,
            "module": self.module,
            "readers": self.readers,
            "sources": self.sources,
            "image": self.layout.manifest(),
            "rings": [asdict(ring) for ring in self.rings],
        }
        write_text_atomically(rtl / DESCRIPTION, json.dumps(data, indent=1) + "\n")

    @staticmethod
    def load(rtl: Path) -> MemorySystem:
        """Raises UserError where the file is missing or not one of ours."""
        try:
            data = read_json(rtl / DESCRIPTION)
            if data["format"] != FORMAT:
                raise ValueError(f"format {data['format']}")
            return MemorySystem(
                Layout.from_manifest(data["image"]),
                int(data["readers"]),
                tuple(map(str, data["sources"])),
                tuple(Ring(**ring) for ring in data["rings"]),
                str(data["module"]),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(
                f"what works on the board's memory is not described ({error})", str(rtl / DESCRIPTION), "build again"
            ) from error


def memory_system(accelerator: Accelerator, rtl: Path) -> MemorySystem | None:
    """What the accelerator in `rtl` needs of the board's memory; None where it has all itself. Raises UserError as `load`."""
    return MemorySystem.load(rtl) if accelerator.memory else None


def image_path(rtl: Path) -> Path:
    """The memory image of the system in `rtl`."""
    return rtl.parent / IMAGE_FOLDER / IMAGE_NAME
