# SPDX-License-Identifier: BSD-3-Clause
"""Networks as people have them, built whole: architectures of public libraries and papers, and one network for each feature."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from hw_flows.build import build
from hw_flows.config import load_config
from hw_flows.machine.errors import UserError
from hw_flows.report.files import read_report
from trust.part import Evidence, EvidenceResult, Say

COLUMNS = (
    "network",
    "from",
    "quantized by",
    "bit-exact",
    "frames",
    "values compared",
    "cycles a frame",
    "LUT",
    "BRAM36",
    "DSP",
)
_ARCHITECTURES, _FEATURES = "architectures", "features"
#: Networks of a sample.
SAMPLE = 2
FRAMES = 2
#: Asked of the folding. Small designs simulate soonest where they are neither wide nor slow.
FRAMES_A_SECOND = 2000
NOTES = (
    "Bit-exact: every integer on every stream between operators equals the network's own float64 answer, at full speed and with "
    "random stalls, in simulation of the whole RTL.",
    "Channels and depth are fewer than published, images 16 to 64 pixels wide; parameters are random, batch normalization has the "
    "statistics of the images. No figure says how well a network segments.",
    "LUT, BRAM36 and DSP are the cost model's for the PYNQ-Z2 at 100 MHz, FIFOs included, for 2,000 frames/s; not synthesized.",
)


@dataclass(frozen=True)
class Built:
    """What a build came to."""

    name: str
    source: str
    way: str
    error: str = ""
    """Why there is none, or what differs."""
    frames: int = 0
    values: int = 0
    cycles: int = 0
    resources: tuple[float, float, float] = (0, 0, 0)
    """LUT, BRAM36, DSP."""
    seconds: float = 0
    """Of the processor."""

    @property
    def row(self) -> tuple[str, ...]:
        if self.error:
            return (self.name, self.source, self.way, "no", *[""] * 6)
        lut, memories, multipliers = self.resources
        figures = (self.frames, self.values, self.cycles, round(lut), memories, round(multipliers))
        return (self.name, self.source, self.way, "yes", *(f"{figure:,}" for figure in figures))


def run_architectures(work: Path, sample: bool, say: Say) -> EvidenceResult:
    """Each architecture, exported and built in a folder of its own, up to the simulation."""
    return _build_all(_ARCHITECTURES, work, sample, say)


def run_features(work: Path, sample: bool, say: Say) -> EvidenceResult:
    """Likewise a network for each feature."""
    return _build_all(_FEATURES, work, sample, say)


def _build_all(catalogue: str, work: Path, sample: bool, say: Say) -> EvidenceResult:
    """As many processes as cores: FINN's settings are those of a process."""
    names = [*_networks(catalogue)][: SAMPLE if sample else None]
    found: dict[str, Built] = {}
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        tasks = {pool.submit(_build_one, catalogue, name, work / str(i)): name for i, name in enumerate(names)}
        for task in as_completed(tasks):
            built = found[tasks[task]] = task.result()
            say(f"{built.name}: {built.error or 'bit-exact'}, {built.seconds:.0f} s of the processor")
    return outcome([found[name] for name in names])


def _networks(catalogue: str) -> Mapping[str, Any]:
    """The tests' networks by name: architectures, or functions that export one."""
    module = import_module(f"tests.hw_flows.architectures.{catalogue}")
    networks: Mapping[str, Any] = getattr(module, catalogue.upper())
    return networks


def _build_one(catalogue: str, name: str, folder: Path) -> Built:
    """In a process of its own."""
    from hw_flows.finn_environment import prepare_finn

    folder.mkdir()
    prepare_finn(folder / "finn")  # the operators' classes are FINN's
    network = _networks(catalogue)[name]
    source, way, export = ("this project", "Brevitas' layers", network)
    if catalogue == _ARCHITECTURES:
        source, way, export = network.source, network.way_name, network.export
    begun = _processor_seconds()
    built = build_whole(name, source, way, export, folder)
    shutil.rmtree(folder)
    return replace(built, seconds=_processor_seconds() - begun)


def _processor_seconds() -> float:
    """Of this process and what it has started."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def build_whole(name: str, source: str, way: str, export: Any, folder: Path) -> Built:
    """`export` writes the network to a path and returns it with frames and answers."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # PyTorch's exporter tells of its steps
            network = export(folder / "network.onnx")
        np.save(folder / "x.npy", network.frames[:FRAMES].astype(np.float32))
        np.save(folder / "y.npy", network.outputs[:FRAMES].astype(np.float32))
        cfg = load_config(
            None,
            {
                "model": network.path,
                "verify_input_npy": folder / "x.npy",
                "verify_expected_output_npy": folder / "y.npy",
                "output_dir": folder / "build",
                "target_fps": FRAMES_A_SECOND,
                "frames": FRAMES,
                "flow": "none",
                "stop_step": "step_verify",
            },
        )
        result = build(cfg)
    except UserError as error:
        return Built(name, source, way, " ".join(str(error).split()))
    verification = read_report(cfg.output_dir, "verification") or {}
    predicted = (read_report(cfg.output_dir, "estimate") or {}).get("total", {})
    if (
        not result.ok
        or not verification.get("bit_exact")
        or verification["tensors_compared"] != verification["streams"]
    ):
        return Built(name, source, way, "; ".join(result.failures) or "not all streams were compared")
    return Built(
        name,
        source,
        way,
        frames=verification["frames"],
        values=verification["values_compared"],
        cycles=verification["cycles_per_frame"],
        resources=(predicted.get("LUT", 0), predicted.get("BRAM36", 0), predicted.get("DSP", 0)),
    )


def outcome(found: list[Built]) -> EvidenceResult:
    """What the builds show together."""
    exact = [built for built in found if not built.error]
    values = sum(built.values for built in exact)
    minutes = sum(built.seconds for built in found) / 60
    headline = (
        f"{len(exact)} of {len(found)} networks are bit-exact in simulation of the whole RTL: {values:,} integers compared "
        f"({minutes:.0f} min of the processor)"
    )
    bad = tuple(f"{built.name}: {built.error}" for built in found if built.error)
    figures: dict[str, int | float | str] = {"networks": len(found), "bit_exact": len(exact), "values": values}
    return EvidenceResult(not bad, headline, COLUMNS, tuple(built.row for built in found), (*bad, *NOTES), figures)


PARTS = (
    Evidence(
        _ARCHITECTURES,
        "Architectures",
        "U-Nets as public libraries, repositories and papers have them, quantized as their users do, become hardware that is right "
        "to the last bit.",
        run_architectures,
    ),
    Evidence(
        _FEATURES,
        "Features of networks",
        "Whatever a network is made of, as far as it has hardware, that is right to the last bit.",
        run_features,
    ),
)
