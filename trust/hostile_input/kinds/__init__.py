# SPDX-License-Identifier: BSD-3-Clause
"""Bad inputs by kind: each module has `cases(seeds) -> list[Case]`, the same every time."""
