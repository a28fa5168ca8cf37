# SPDX-License-Identifier: BSD-3-Clause
"""A network's file, read, cut where hardware ends, and asked for hardware: what builds and `--check` begin with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from onnx import ModelProto
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.machine.errors import UserError
from hw_flows.network.answers import Interface, image_input, interface
from hw_flows.network.clean import clean_network, in_normal_form
from hw_flows.network.file import load_network
from hw_flows.network.head import SplitNetwork, split_head
from hw_flows.network.large_constants import LeanModel


@dataclass(frozen=True)
class ReadNetwork:
    """`model`: the file, checked. `image`: its input. `parts`: for hardware and host. `shapes`: at their ends."""

    path: Path
    model: ModelProto
    image: str
    parts: SplitNetwork
    shapes: Interface

    def require_hardware(self) -> None:
        """Raises UserError for the first layer that has none."""
        with _readable_by_qonnx(self.path):
            clean_network(LeanModel.of(self.parts.body))

    def normal_form(self, unsound: dict[str, UserError] | None = None) -> ModelWrapper:
        """The part for hardware as `supported.complaints` takes it. Raises UserError where QONNX cannot read it, and for
        quantizers that say nothing, unless `unsound` is to hold what is wrong with them, by layer."""
        with _readable_by_qonnx(self.path):
            return in_normal_form(LeanModel.of(self.parts.body), unsound)


def read_network(path: Path, input_shape: tuple[int, ...] | None = None, output: str | None = None) -> ReadNetwork:
    """The file at `path`, for images of `input_shape` (1, C, H, W) where it leaves their size open, with the one output
    of that name. Raises UserError for files that are unusable."""
    model = load_network(path, input_shape, output)
    image = image_input(model, path)
    parts = split_head(model)
    return ReadNetwork(path, model, image, parts, interface(parts, image, path))


@contextmanager
def _readable_by_qonnx(path: Path) -> Iterator[None]:
    """QONNX refuses what it cannot read with errors of many types: each becomes a UserError about the file."""
    try:
        yield
    except (UserError, MemoryError):
        raise
    except Exception as error:
        raise UserError(
            f"the network passes ONNX's checks, but QONNX cannot read it ({type(error).__name__})",
            str(path),
            "export it again with Brevitas' export_qonnx; where that has been done, report this with build.log",
        ) from error
