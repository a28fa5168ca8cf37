# SPDX-License-Identifier: BSD-3-Clause
"""The smallest accelerator: one FIFO, so that what goes in comes out."""

from __future__ import annotations

import shutil
from pathlib import Path

from hw_flows.accelerator import Accelerator, Element, Endpoint, Instance, Role, Stream, StreamPort
from hw_flows.operators.fifo.rtl import OpenStreamingFIFO_rtl
from hw_flows.stitch.write import write_top


def loopback(
    rtl: Path, shape: tuple[int, ...], bits: int = 8, lanes: int = 1, depth: int = 20, style: int = 0
) -> Accelerator:
    """Write it to `rtl`: one frame is `shape`, unsigned `bits` bits, `lanes` elements to a word."""
    rtl.mkdir(parents=True, exist_ok=True)
    sources = tuple(source.name for source in OpenStreamingFIFO_rtl.sources)
    for source in OpenStreamingFIFO_rtl.sources:
        shutil.copyfile(source, rtl / source.name)
    element = Element(bits, signed=False)
    streams = (
        Stream("in0", "x", shape, element, lanes, Endpoint("", 0), Endpoint("fifo_0", 0)),
        Stream("out0", "y", shape, element, lanes, Endpoint("fifo_0", 0), Endpoint("", 0)),
    )
    instance = Instance(
        name="fifo_0",
        op_type="OpenStreamingFIFO_rtl",
        module="qu_fifo",
        parameters={"WORD_BITS": bits * lanes, "DEPTH": depth, "STYLE": style, "SCATTERED": 0},
        memories=(),
        sources=sources,
        inputs=(StreamPort("s_axis", ("in0",)),),
        outputs=(StreamPort("m_axis", ("out0",)),),
        layer="fifo",
        expected_cycles=1,
        macs=0,
        mac_units=0,
        cost={},
        role=Role.FIFO,
    )
    accelerator = Accelerator(
        "quantunet_accel", (instance,), streams, ("in0",), ("out0",), (*sources, "quantunet_accel.sv")
    )
    write_top(accelerator, rtl)
    return accelerator
