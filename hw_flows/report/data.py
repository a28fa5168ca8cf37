# SPDX-License-Identifier: BSD-3-Clause
"""All that the page and the terminal summary show, read from the files that the build steps left."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hw_flows.accelerator import Accelerator
from hw_flows.report.files import read_report

MAX_FRAMES = 16


@dataclass(frozen=True)
class Frame:
    """One verified image (C, H, W) and its masks (H, W): class numbers or booleans."""

    image: np.ndarray
    network: np.ndarray
    """Mask of the network (Brevitas)."""
    hardware: np.ndarray
    """Mask from the words that left the simulated accelerator."""
    reference: np.ndarray | None = None
    """Mask drawn by people or atlas, where there is one."""


@dataclass(frozen=True)
class LayerBits:
    """Bit widths of one layer with weights."""

    layer: str
    weights: int
    """Bits of a weight."""
    activations: int
    """Bits of an element that goes into the layer."""


@dataclass(frozen=True)
class ReportData:
    """The JSON reports as dictionaries (see the contract of the output folder); None for a step that has not run."""

    build: dict[str, Any]
    board_title: str
    accelerator: Accelerator | None = None
    verification: dict[str, Any] | None = None
    netlist: dict[str, Any] | None = None
    performance: dict[str, Any] | None = None
    resources: dict[str, Any] | None = None
    fifos: dict[str, Any] | None = None
    """As the RTL filled them, or before the verification as the timing model does."""
    timeline: dict[str, Any] | None = None
    bitstream: dict[str, Any] | None = None
    routed_netlist: dict[str, Any] | None = None
    bits: tuple[LayerBits, ...] = ()
    frames: tuple[Frame, ...] = ()


def load_report_data(output_dir: Path) -> ReportData:
    """Read what there is in the output folder of a build."""
    from hw_flows.boards import board_of_build

    build = read_report(output_dir, "build") or {}
    description = output_dir / "rtl" / "accelerator.json"
    accelerator = Accelerator.load(description) if description.is_file() else None
    return ReportData(
        build=build,
        accelerator=accelerator,
        board_title=board_of_build(output_dir, build["board"]).title if "board" in build else "",
        verification=read_report(output_dir, "verification"),
        netlist=read_report(output_dir, "netlist"),
        performance=read_report(output_dir, "performance"),
        resources=read_report(output_dir, "resources"),
        fifos=read_report(output_dir, "fifos") or read_report(output_dir, "fifo_sizing"),
        timeline=read_report(output_dir, "timeline"),
        bitstream=read_report(output_dir, "bitstream"),
        routed_netlist=read_report(output_dir, "routed_netlist"),
        bits=layer_bits(accelerator) if accelerator is not None else (),
        frames=_frames(output_dir),
    )


def layer_bits(accelerator: Accelerator) -> tuple[LayerBits, ...]:
    """Bit widths of every layer with weights, in the order of the dataflow."""
    return tuple(
        LayerBits(
            instance.layer,
            instance.parameters["WEIGHT_BITS"],
            accelerator.stream(instance.inputs[0].streams[0]).element.bits,
        )
        for instance in accelerator.instances
        if "WEIGHT_BITS" in instance.parameters
    )


def _frames(output_dir: Path) -> tuple[Frame, ...]:
    """Verified images with their masks; none before the verification."""
    from hw_flows.inputs import NetworkInputs
    from hw_flows.network.verification import masks

    description, captured = output_dir / "inputs" / "inputs.json", output_dir / "verification" / "hardware_logits.npy"
    if not (description.is_file() and captured.is_file()):
        return ()
    inputs = NetworkInputs.load(description)
    images, expected, hardware = (np.load(path) for path in (inputs.images, inputs.expected, captured))
    reference_file = output_dir / "inputs" / "masks.npy"
    reference = np.load(reference_file) if reference_file.is_file() else None
    return tuple(
        Frame(image, network, hard, None if reference is None else _class_map(reference[i]))
        for i, (image, network, hard) in enumerate(
            zip(images[:MAX_FRAMES], masks(expected), masks(hardware), strict=False)
        )
    )


def _class_map(mask: np.ndarray) -> np.ndarray:
    """(1, H, W), (classes, H, W) or (H, W) to (H, W)."""
    if mask.ndim == 3:
        mask = mask[0] if mask.shape[0] == 1 else mask.argmax(axis=0)
    return mask.astype(np.int64)
