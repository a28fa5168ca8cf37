# SPDX-License-Identifier: BSD-3-Clause
"""What a build's folder says of it that can be compared. The folder may come from anywhere: whatever is not as `qu-build` writes it is
refused with one message."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hw_flows.accelerator import Accelerator, Role
from hw_flows.machine.errors import UserError
from hw_flows.report.drawing.figures import Figures
from hw_flows.report.drawing.graph import Graph, graph_of
from hw_flows.report.drawing.layout import NARROW
from hw_flows.report.drawing.svg import network_svg
from hw_flows.report.files import read_report
from hw_flows.report.names import OwnNames
from quantunet_common.files import require_input_file

RESOURCES = ("LUT", "FF", "LUTRAM", "BRAM36", "DSP")
#: Of a file with a description or a report, in bytes.
MOST_BYTES = 64 << 20
_REPORTS = ("build", "verification", "performance", "resources", "fifos", "bitstream")
#: What reading a report of another form ends in.
_MISREAD = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, AssertionError, RecursionError)


@dataclass(frozen=True)
class LayerDigest:
    """One layer of the network by its own name; None: not known."""

    name: str
    cycles: float
    """Of its slowest operator, a frame."""
    products: float
    """A cycle."""
    weights: float | None
    """Bits of a weight."""
    activations: float | None
    """Bits of an element that goes into its products."""
    resources: Mapping[str, float] | None


@dataclass(frozen=True)
class Digest:
    """One build."""

    title: str
    """Name of its folder."""
    model: str
    board: str
    part: str
    exact: bool | None
    figures: Mapping[str, float | None]
    slowest: str
    layers: tuple[LayerDigest, ...]
    graph: Graph
    drawn: Figures


def read_digest(folder: Path) -> Digest:
    """Raises UserError where `folder` is no build, or one of its files is not as qu-build writes it."""
    description = folder / "rtl" / "accelerator.json"
    try:
        require_input_file(description, MOST_BYTES)
    except UserError as error:
        raise UserError(
            f"this is no build, it has no rtl/accelerator.json: {error.what}",
            str(folder),
            "give the output folder of a qu-build that got as far as step_stitch",
        ) from error
    accelerator = Accelerator.load(description)
    reports = {name: _report(folder, name) for name in _REPORTS}
    try:
        return _digest(folder, accelerator, reports)
    except _MISREAD as error:
        raise UserError(
            f"this build's description or one of its reports is not as qu-build writes it ({type(error).__name__})",
            str(folder),
            "run the same qu-build command again, which completes the folder",
        ) from error


def _report(folder: Path, name: str) -> dict[str, Any]:
    path = folder / "report" / f"{name}.json"
    if not path.exists() and not path.is_symlink():
        return {}
    require_input_file(path, MOST_BYTES)
    try:
        return read_report(folder, name) or {}
    except (OSError, *_MISREAD) as error:
        raise UserError(
            "this report cannot be read", str(path), "run the same qu-build command again, which completes the folder"
        ) from error


def _digest(folder: Path, accelerator: Accelerator, reports: Mapping[str, Mapping[str, Any]]) -> Digest:
    build, performance, resources = reports["build"], reports["performance"], reports["resources"]
    names = OwnNames(accelerator)
    drawn = Figures(accelerator, names, performance, reports["fifos"])
    for instance in accelerator.instances:
        _number(instance.expected_cycles)
    for fifo in drawn.fifos.values():
        _numbers(fifo, ("depth", "width", "peak"))
    _number(drawn.interval)
    graph = graph_of(accelerator)
    network_svg(graph, drawn, NARROW, "trial")  # what cannot be drawn is refused here, too
    return Digest(
        title=_text(folder.resolve().name),
        model=_text(build.get("model") or ""),
        board=_text(build.get("board") or ""),
        part=_text(build.get("fpga_part") or ""),
        exact=_truth(reports["verification"].get("bit_exact")),
        figures=_figures(accelerator, performance, resources, reports["bitstream"]),
        slowest=names.operator(_text(drawn.bottleneck or "")),
        layers=_layers(accelerator, names, graph, resources),
        graph=graph,
        drawn=drawn,
    )


def _figures(
    accelerator: Accelerator, performance: Mapping[str, Any], resources: Mapping[str, Any], bitstream: Mapping[str, Any]
) -> dict[str, float | None]:
    keys = (
        "clock_mhz",
        "cycles_per_frame",
        "fps",
        "latency_ms",
        "macs_per_frame",
        "mac_units",
        "mac_utilization",
        "dram_mb_s",
    )
    found: dict[str, float | None] = {key: _known(performance.get(key)) for key in keys}
    found |= {key: _known(resources.get("total", {}).get(key)) for key in RESOURCES}
    found["routed_mhz"] = _known(bitstream.get("fmax_mhz"))
    matrices = [i for i in accelerator.instances if "WEIGHT_BITS" in i.parameters]
    weights = [_number(i.parameters["WEIGHT_BITS"]) for i in matrices]
    activations = [_number(accelerator.stream(i.inputs[0].streams[0]).element.bits) for i in matrices]
    found["weight_bits"] = sum(weights) / len(weights) if weights else None
    found["activation_bits"] = sum(activations) / len(activations) if activations else None
    fifos = [i for i in accelerator.instances if i.role is Role.FIFO and not i.in_memory]
    found["fifo_bits"] = sum(
        _number(i.parameters["DEPTH"]) * _number(accelerator.stream(i.outputs[0].streams[0]).width) for i in fifos
    )
    return found


def _layers(
    accelerator: Accelerator, names: OwnNames, graph: Graph, resources: Mapping[str, Any]
) -> tuple[LayerDigest, ...]:
    taken: dict[str, dict[str, float]] = {}
    for row in resources.get("operators", []):
        home = names.home(_text(row["name"]))
        if home is not None:
            sums = taken.setdefault(home, dict.fromkeys(RESOURCES, 0.0))
            for key in RESOURCES:
                sums[key] += _number(row.get(key, 0))
    found = []
    for layer in graph.layers:
        matrix = layer.matrix
        bits = None if matrix is None else matrix.parameters.get("WEIGHT_BITS")
        into = None if matrix is None else accelerator.stream(matrix.inputs[0].streams[0]).element.bits
        found.append(
            LayerDigest(
                _text(names.layer(layer.name)),
                max(_number(o.expected_cycles) for o in layer.operators),
                sum(_number(o.mac_units) for o in layer.operators),
                _known(bits),
                _known(into if bits is not None else None),
                taken.get(layer.name),
            )
        )
    return tuple(found)


def _known(value: Any) -> float | None:
    return None if value is None else _number(value)


def _number(value: Any) -> float:
    """Raises ValueError or TypeError for what is no number that can be shown."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("no number")
    if not math.isfinite(value) or abs(value) > 1e18:
        raise ValueError("a number beyond any use")
    return value


def _numbers(row: Mapping[str, Any], keys: tuple[str, ...]) -> None:
    for key in keys:
        _number(row[key])


def _truth(value: Any) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise TypeError("neither true nor false")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value
