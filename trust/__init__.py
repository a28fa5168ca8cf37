# SPDX-License-Identifier: BSD-3-Clause
"""The evidence: what was tried to find a wrong result, a crash or a hang, and what came of it. `python -m trust`."""
