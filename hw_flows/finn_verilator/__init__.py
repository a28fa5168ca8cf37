# SPDX-License-Identifier: BSD-3-Clause
"""FINN's RTL simulation without Vivado: `install()` puts Verilator in the place of `finn.xsi`'s simulator.

FINN reaches its simulator through `finn.xsi`, that through `finn_xsi.adapter` and `finn_xsi.sim_engine`, and these through
the extension module `xsi` and Vivado's compiler. Only the last two are replaced: what drives streams, AXI-lite and
watchdogs is FINN's own code. In pytest: `-p hw_flows.finn_verilator.pytest_plugin`.
"""

from hw_flows.finn_verilator.install import install

__all__ = ["install"]
