# SPDX-License-Identifier: BSD-3-Clause
"""Any function of an integer of a few bits, element by element, as a table."""
