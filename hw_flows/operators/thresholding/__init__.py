# SPDX-License-Identifier: BSD-3-Clause
"""Thresholding: quantization of accumulators, and every monotone activation, by comparison with thresholds per channel.

`qu_thresholding.sv` holds the lanes and the handshake; `qu_threshold_stage.sv` is one step of a lane's bisection. Few thresholds are
read within the comparison (the same LUTs), more lie in LUTs behind a register, many in block memory.
"""
