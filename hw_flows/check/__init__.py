# SPDX-License-Identifier: BSD-3-Clause
"""`qu-build --check MODEL`: what each layer becomes, what is refused and its cure, whether it fits; nothing is built."""

from hw_flows.check.run import check

__all__ = ["check"]
