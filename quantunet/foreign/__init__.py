# SPDX-License-Identifier: BSD-3-Clause
"""Networks of other projects to start a training from: a file of weights becomes weights of a QuantU-Net.

A project's network is a family: one file of `families/` says which of its layers is which of ours. `state_file` reads the
weights, `layout` recognizes the network by names and shapes and compares it with the configured one, `folding` gives
normalizations that take up what the two networks do differently, and `start` puts it together.
"""

from __future__ import annotations
