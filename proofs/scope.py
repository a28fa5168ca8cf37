# SPDX-License-Identifier: BSD-3-Clause
"""Modules with no proof of their own, each with the reason; every other module of operators and shells has one."""

from __future__ import annotations

WITHOUT_PROOF = {
    "operators/shared/qu_simple_dual_port_ram.sv": "the proofs put a model in its place that gives anything where it is undefined",
    "operators/matrix_vector/qu_booth_chain.sv": "arithmetic without a stream: simulation against the golden model",
    "operators/matrix_vector/qu_dot_product.sv": "arithmetic without a stream: simulation against the golden model",
    "shells/ecp5_uart/ehxplll.sv": "a primitive of the device",
    "shells/ecp5_uart/ehxplll_model.sv": "a model for simulation",
    "shells/ecp5_uart/qu_uart_host.sv": "wiring of proved modules: simulation with the driver",
    "shells/ecp5_uart/qu_request_receiver.sv": "no stream, pulses: simulation with the driver",
    "shells/zynq7/ps7_model.sv": "a model for simulation",
    "shells/zynq7/bufg_model.sv": "a model for simulation",
    "shells/zynq7/qu_axi3_slave.sv": "a bus, no stream: simulation with the driver",
    "shells/zynq7/qu_registers.sv": "registers: simulation with the driver",
    "shells/zynq7/qu_zynq7_shell.sv": "wiring of proved modules: simulation with the driver",
    "stream_memory/qu_ring_stream.sv": "wiring of proved modules: simulation with a memory",
    "shells/zynq7/qu_zynq7_top.sv": "wiring of proved modules: simulation with the driver",
}
