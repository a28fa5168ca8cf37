# SPDX-License-Identifier: BSD-3-Clause
"""Zero padding around an image (FINN's FMPadding)."""
