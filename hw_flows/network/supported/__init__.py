# SPDX-License-Identifier: BSD-3-Clause
"""Which quantized networks have hardware, and what is wrong with those that have none."""

from hw_flows.network.supported.complaints import Complaint, check_supported, complaints, types_with_hardware

__all__ = ["Complaint", "check_supported", "complaints", "types_with_hardware"]
