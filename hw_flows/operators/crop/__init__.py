# SPDX-License-Identifier: BSD-3-Clause
"""The part of an image between two rows and two columns."""
