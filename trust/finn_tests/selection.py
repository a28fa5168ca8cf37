# SPDX-License-Identifier: BSD-3-Clause
"""Which of FINN's tests are run, in what order, and how many cases of each test function."""

from __future__ import annotations

from dataclasses import dataclass

_HARDWARE = "tests/fpgadataflow/test_"


@dataclass(frozen=True)
class Group:
    """Test files that one process runs."""

    name: str
    files: tuple[str, ...]
    most: int
    """Cases of a test function that are run: the first by a hash of their names; one more of those that need HLS."""
    limit_seconds: float
    """On the wall; what is not reached by then counts as failed."""
    ours: tuple[str, ...] = ()
    """FINN's operators that ours take the place of, because Verilator does not read FINN's RTL."""


def _files(*names: str) -> tuple[str, ...]:
    return tuple(f"{_HARDWARE}{name}.py" for name in names)


_OURS = (
    "FMPadding",
    "ConvolutionInputGenerator",
    "StreamingFIFO",
    "StreamingDataWidthConverter",
    "Thresholding",
    "MVAU",
)

GROUPS = (
    Group(
        "simulator",
        tuple(f"tests/util/test_{name}.py" for name in ("xsi_design_lifecycle", "xsi_pkg_ordering", "rtlsim_liveness")),
        100,
        900,
    ),
    Group(
        "FINN's RTL",
        (
            *_files("fpgadataflow_thresholding_runtime", "fpgadataflow_fmpadding", "fpgadataflow_crop"),
            *_files("fpgadataflow_fifo", "fpgadataflow_dwc", "fpgadataflow_convinputgenerator_rtl_dynamic"),
            *_files("fpgadataflow_convinputgenerator", "fpgadataflow_thresholding"),
        ),
        6,
        7200,
    ),
    Group(
        "our RTL in its place",
        (
            *_files("fpgadataflow_fmpadding", "fpgadataflow_fifo", "fpgadataflow_dwc"),
            *_files("fpgadataflow_convinputgenerator", "fpgadataflow_thresholding"),
        ),
        6,
        7200,
        tuple(f"{name}_rtl" for name in _OURS),
    ),
    Group("streamlining", ("tests/transformation/streamline",), 1000, 7200),
    Group(
        "FINN's RTL, other operators",
        (
            *_files("fpgadataflow_shuffle", "fpgadataflow_pad1d", "fpgadataflow_where", "fpgadataflow_selecttoken"),
            *_files("fpgadataflow_elementwise_binary_rtl", "fpgadataflow_requant", "fpgadataflow_replicate_stream"),
            *_files("fpgadataflow_pwpolyf", "fpgadataflow_softmax", "fpgadataflow_mvau", "fpgadataflow_vvau"),
        ),
        2,
        7200,
    ),
    Group(
        "conversion",
        (
            *_files("convert_to_hw_1d_conv_layer", "convert_to_hw_conv_layer", "convert_to_hw_conv_fc_transition"),
            *_files("convert_to_hw_pool_batch", "convert_to_hw_layers_synthetic", "convert_to_hw_layers_fc"),
            *_files("convert_to_hw_layers_cnv", "minimize_bit_width", "specialize_layers_mvau", "set_folding"),
            *_files("squeeze", "unsqueeze", "fpgadataflow_deconv", "fpgadataflow_upsampler"),
            *(f"tests/transformation/test_{name}.py" for name in ("general_transformation", "qonnx_to_finn")),
            *(f"tests/transformation/test_{name}.py" for name in ("infer_datatypes_lfc", "infer_data_layouts_cnv")),
            "tests/transformation/test_batchnorm_to_affine_bnn_pynq.py",
        ),
        3,
        7200,
    ),
)

SAMPLE = GROUPS[:1]
