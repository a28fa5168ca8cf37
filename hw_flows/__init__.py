# SPDX-License-Identifier: BSD-3-Clause
"""From a quantized U-Net to an FPGA: build steps, operators, simulation, synthesis, report."""

__version__ = "0.1.0"
