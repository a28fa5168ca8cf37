# SPDX-License-Identifier: BSD-3-Clause
"""Product of two streams, as a gate makes it: one may have a value for each channel of the image, or for each pixel."""
