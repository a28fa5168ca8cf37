"""Modules with no proof of their own, each with the reason; every other module of operators and shells has one."""

from __future__ import annotations

WITHOUT_PROOF = {
    "operators/shared/simple_dual_port_ram.sv": "the proofs put a model in its place that gives anything where it is undefined",
    "operators/matrix_vector/booth_chain.sv": "arithmetic without a stream: simulation against the golden model",
    "operators/matrix_vector/dot_product.sv": "arithmetic without a stream: simulation against the golden model",
    "shells/ecp5_uart/ehxplll.sv": "a primitive of the device",
    "shells/ecp5_uart/ehxplll_model.sv": "a model for simulation",
    "shells/ecp5_uart/uart_host.sv": "wiring of proved modules: simulation with the driver",
    "shells/ecp5_uart/request_receiver.sv": "no stream, pulses: simulation with the driver",
    "shells/zynq7/ps7_model.sv": "a model for simulation",
    "shells/zynq7/bufg_model.sv": "a model for simulation",
    "shells/zynq7/axi3_slave.sv": "a bus, no stream: simulation with the driver",
    "shells/zynq7/registers.sv": "registers: simulation with the driver",
    "shells/zynq7/zynq7_shell.sv": "wiring of proved modules: simulation with the driver",
    "shells/zynq7/zynq7_top.sv": "wiring of proved modules: simulation with the driver",
}
