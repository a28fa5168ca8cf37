"""Zynq-7000: the accelerator behind an AXI3 slave on M_AXI_GP0 of the processing system."""

from hw_flows.shells.zynq7.address_map import BASE_ADDRESS, SIZE
from hw_flows.shells.zynq7.write import Shell, StreamFormat, describe_shell, write_shell

__all__ = ["BASE_ADDRESS", "SIZE", "Shell", "StreamFormat", "describe_shell", "write_shell"]
