# SPDX-License-Identifier: BSD-3-Clause
"""Faults of the machine: what a build makes of being killed, of a full disk, of damaged files and of bad tools."""

from trust.machine_faults.part import PART

__all__ = ["PART"]
