# SPDX-License-Identifier: BSD-3-Clause
"""Trained networks that come with the package, a folder each; how each was made stands beside it.

`DEMO` is the small network of `make demo`, `REFERENCE` the one whose speed and cost the README states, `FETAL_HEADS` one of base width
16, trained on images of many people.
"""

from __future__ import annotations

from pathlib import Path

DEMO = Path(__file__).with_name("demo")
REFERENCE = Path(__file__).with_name("reference")
FETAL_HEADS = Path(__file__).with_name("fetal_heads")
