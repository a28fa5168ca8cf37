# SPDX-License-Identifier: BSD-3-Clause
"""`report/index.html`: one self-contained page, nothing loaded from anywhere.

Everything that comes from outside (names of models, nodes and files) is escaped by the template engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hw_flows.operators.names import finn_name
from hw_flows.report.assets import SCRIPTS, STYLES, templates, together
from hw_flows.report.charts import bits_chart
from hw_flows.report.data import Frame, ReportData, load_report_data
from hw_flows.report.details import operator_details
from hw_flows.report.drawing.figures import Figures
from hw_flows.report.drawing.graph import graph_of
from hw_flows.report.drawing.layout import NARROW, WIDE
from hw_flows.report.drawing.svg import network_svg
from hw_flows.report.energy import energy_a_frame
from hw_flows.report.estimate import PREDICTED
from hw_flows.report.images import (
    HARDWARE_COLOUR,
    REFERENCE_COLOUR,
    contours_png,
    difference_png,
    image_png,
    mask_png,
)
from hw_flows.report.names import OwnNames
from hw_flows.report.operator_table import RESOURCES, layer_rows
from hw_flows.report.timeline import timeline_of
from quantunet_common.files import write_text_atomically

#: Parts of the page, beside `page.html`.
PARTS = ("drawing.html", "timeline.html")


def write_page(output_dir: Path) -> Path:
    """Write `<output>/report/index.html` from what the steps left there; its path."""
    page = output_dir / "report" / "index.html"
    write_text_atomically(page, render_page(load_report_data(output_dir)))
    return page


def render_page(data: ReportData) -> str:
    """The page as text. Sections of steps that have not run are left out."""
    names = OwnNames(data.accelerator)
    environment = templates("page.html", *PARTS)
    environment.filters["own_place"] = names.place
    budget = _budget(data.resources)
    bits = data.bits
    return environment.get_template("page.html").render(
        css=together(STYLES),
        script=together(SCRIPTS),
        names=names,
        data=_with_defaults(data),
        energy=energy_a_frame(data.build, data.performance, data.bitstream) if data.performance else None,
        budget=budget,
        fullest=max(budget, key=lambda row: row["share"], default=None),
        frames=[_frame(frame) for frame in data.frames],
        bits_chart=bits_chart(bits, names),
        mean_weight_bits=sum(b.weights for b in bits) / len(bits) if bits else 0,
        mean_activation_bits=sum(b.activations for b in bits) / len(bits) if bits else 0,
        columns=RESOURCES if data.resources else (),
        kinds=_kinds(data.resources),
        layers=layer_rows(data, names),
        drawing=_drawing(data, names),
        timeline=timeline_of(data.accelerator, names, data.timeline),
        steps=_steps(data.build.get("steps", [])),
    )


def _drawing(data: ReportData, names: OwnNames) -> dict[str, Any] | None:
    """The network for wide and for narrow screens, and what is told of an operator that is chosen there."""
    if data.accelerator is None:
        return None
    graph = graph_of(data.accelerator)
    figures = Figures(data.accelerator, names, data.performance, data.fifos)
    return {
        "wide": network_svg(graph, figures, WIDE, "wide"),
        "narrow": network_svg(graph, figures, NARROW, "narrow"),
        "details": operator_details(figures, data.resources),
        "measured": data.performance is not None,
    }


class _Lenient(dict[str, Any]):
    """Fields that a report does not have read as None, in the template only."""

    def __missing__(self, key: str) -> None:
        return None


def _with_defaults(data: ReportData) -> dict[str, Any]:
    def lenient(report: Mapping[str, Any] | None) -> Any:
        if report is None:
            return None
        return _Lenient({k: _Lenient(v) if isinstance(v, dict) else v for k, v in report.items()})

    return {
        "build": lenient(data.build),
        "board_title": data.board_title,
        "verification": lenient(data.verification),
        "netlist": lenient(data.netlist),
        "performance": lenient(data.performance),
        "resources": lenient(data.resources),
        "fifos": lenient(data.fifos),
        "bitstream": lenient(data.bitstream),
        "routed_netlist": lenient(data.routed_netlist),
    }


def _budget(report: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """One row a resource of the device: used, available, share of it, unit."""
    if report is None:
        return []
    units = report.get("units", {})
    return [
        {
            "name": name,
            "used": report["total"][name],
            "available": available,
            "share": report["total"][name] / max(available, 1),  # a flow may have none of something
            "unit": units.get(name, ""),
            "estimate": report.get("estimate", {}).get(name),
            "deviation": report.get("deviation", {}).get(name),
        }
        for name, available in report["available"].items()
        if name != "SRL"  # part of LUTRAM
    ]


def _kinds(report: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Prediction against synthesis, one row a kind of operator, the largest first; none without predictions."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for operator in report["operators"] if report else ():
        if "estimate" in operator:
            groups.setdefault(finn_name(operator["op_type"]), []).append(operator)

    def amounts(operators: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
        return {
            key: {"estimate": sum(o["estimate"][key] for o in operators), "measured": sum(o[key] for o in operators)}
            for key in PREDICTED
        }

    rows = [{"name": name, "count": len(group), "amounts": amounts(group)} for name, group in groups.items()]
    return sorted(rows, key=lambda row: -row["amounts"]["LUT"]["measured"])


def _frame(frame: Frame) -> dict[str, Any]:
    height, width = frame.network.shape
    pictures = [("image", image_png(frame.image))]
    dice = None
    if frame.reference is not None:
        known = frame.reference >= 0  # below: nobody labelled the pixel
        pictures.append(("reference", mask_png(frame.reference * known)))
        dice = _dice(frame.hardware[known] != 0, frame.reference[known] != 0)
    pictures += [("network", mask_png(frame.network)), ("hardware", mask_png(frame.hardware))]
    contours = [(frame.hardware, HARDWARE_COLOUR)]
    if frame.reference is not None:
        labelled = frame.reference * (frame.reference >= 0)
        pictures.append(
            ("hardware against reference", difference_png(frame.hardware * (frame.reference >= 0), labelled))
        )
        contours.insert(0, (labelled, REFERENCE_COLOUR))
    if frame.image.shape[1:] == frame.network.shape:  # else no pixel of the mask is one of the image
        pictures.append(("contours", contours_png(frame.image, contours)))
    return {
        "pictures": [{"title": t, "source": s, "width": width, "height": height} for t, s in pictures],
        "pixels": height * width,
        "differing": int((frame.network != frame.hardware).sum()),
        "dice": dice,
    }


def _dice(one: np.ndarray, other: np.ndarray) -> float:
    """Twice the common pixels over all pixels of both masks; 1 where both are empty."""
    both = int(one.sum()) + int(other.sum())
    return 2 * int((one & other).sum()) / both if both else 1.0


def _steps(steps: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Steps that have run, with their share of the longest."""
    run = [step for step in steps if step["status"] != "pending"]
    longest = max((step["seconds"] for step in run), default=0)
    return [
        {**step, "name": step["name"].removeprefix("step_"), "share": step["seconds"] / longest if longest else 0}
        for step in run
    ]
