# SPDX-License-Identifier: BSD-3-Clause
"""A network's graph and what it means: reading it, one spelling and normal form, what has hardware, its arithmetic, its answers."""
