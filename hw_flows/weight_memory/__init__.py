# SPDX-License-Identifier: BSD-3-Clause
"""Weights in the memory of a board: how they lie there, and the hardware that reads them again and again.

A layer's weights are a region of the memory image (`image.py`, `region.py`): what its unit takes once per block of rows, as a
row of words. For each frame the reader gives every layer its region as often as the layer has blocks. It has one to four
read ports (`qu_weight_port.sv`), each with its share of the layers (`ports.py`), and is written as one module for an image
(`write.py`).
"""
