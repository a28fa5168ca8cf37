# SPDX-License-Identifier: BSD-3-Clause
"""What several operators are made of: small SystemVerilog modules and checks of parameters."""

from pathlib import Path

LOOP_COUNTER = Path(__file__).with_name("qu_loop_counter.sv")
SIMPLE_DUAL_PORT_RAM = Path(__file__).with_name("qu_simple_dual_port_ram.sv")
