# SPDX-License-Identifier: BSD-3-Clause
"""All parts, in the order of the page."""

from __future__ import annotations

from trust import (
    architectures,
    finn_builder,
    finn_tests,
    hostile_input,
    machine_faults,
    mutation,
    networks,
    proofs,
    reproducible,
    streams,
)
from trust.part import Evidence

PARTS: tuple[Evidence, ...] = (
    networks.PART,
    *architectures.PARTS,
    streams.PART,
    finn_tests.PART,
    finn_builder.PART,
    proofs.PART,
    mutation.PART,
    machine_faults.PART,
    hostile_input.PART,
    reproducible.PART,
)
