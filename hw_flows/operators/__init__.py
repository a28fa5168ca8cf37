# SPDX-License-Identifier: BSD-3-Clause
"""The operators: one folder each, with its FINN custom operator class, SystemVerilog module, cycles and cost.

`register()` puts our classes beside FINN's own in the registry of ONNX custom operators, under FINN's domains, so
that FINN's transformations and builder find them. Nothing of FINN is replaced: our RTL operators have names of their
own (`OpenMVAU_rtl` beside `MVAU_rtl`).
"""

from __future__ import annotations

from importlib import import_module

from qonnx.custom_op.registry import add_op_to_domain

#: FINN's domain for hardware operators that are not yet bound to a backend.
HW_DOMAIN = "finn.custom_op.fpgadataflow"
#: FINN's domain for RTL operators.
RTL_DOMAIN = "finn.custom_op.fpgadataflow.rtl"

#: Hardware operator type -> (folder, class of its RTL backend).
RTL_BACKENDS: dict[str, tuple[str, str]] = {
    "MVAU": ("matrix_vector", "OpenMVAU_rtl"),
    "Thresholding": ("thresholding", "OpenThresholding_rtl"),
    "FMPadding": ("padding", "OpenFMPadding_rtl"),
    "ConvolutionInputGenerator": ("sliding_window", "OpenConvolutionInputGenerator_rtl"),
    "StreamingMaxPool": ("max_pool", "OpenStreamingMaxPool_rtl"),
    "UpsampleNearestNeighbour": ("upsample", "OpenUpsampleNearestNeighbour_rtl"),
    "PixelShuffle": ("pixel_shuffle", "OpenPixelShuffle_rtl"),
    "DuplicateStreams": ("fork", "OpenDuplicateStreams_rtl"),
    "StreamingConcat": ("concat", "OpenStreamingConcat_rtl"),
    "StreamingFIFO": ("fifo", "OpenStreamingFIFO_rtl"),
    "StreamingDataWidthConverter": ("width_converter", "OpenStreamingDataWidthConverter_rtl"),
}

#: Hardware operators that FINN lacks: type -> folder, whose `hw.py` holds the class.
OWN_HW_OPERATORS: dict[str, str] = {"StreamingMaxPool": "max_pool", "PixelShuffle": "pixel_shuffle"}


def register() -> None:
    """Register our operators with QONNX; needs `finn_environment.prepare_finn` before. May be called again."""
    for op_type, folder in OWN_HW_OPERATORS.items():
        add_op_to_domain(HW_DOMAIN, getattr(import_module(f"{__name__}.{folder}.hw"), op_type))
    for folder, class_name in RTL_BACKENDS.values():
        add_op_to_domain(RTL_DOMAIN, getattr(import_module(f"{__name__}.{folder}.rtl"), class_name))
