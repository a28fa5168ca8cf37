# SPDX-License-Identifier: BSD-3-Clause
"""The `deploy` folder: everything that a person at the board needs, and nothing of this project beside it."""
