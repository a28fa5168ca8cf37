# SPDX-License-Identifier: BSD-3-Clause
"""What an operator is tested with, here and in other repositories: all its cases in one simulator, lint, its netlist."""
