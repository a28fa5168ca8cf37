# SPDX-License-Identifier: BSD-3-Clause
"""An accelerator that works on the board's memory, and what it needs for that: module `quantunet_system`.

accelerator (weights of some layers and some skip connections are ports) + weight_memory (reads the weights)
+ stream_memory (FIFOs whose words wait in memory) -> one module with images, masks and ports of the memory
"""

from hw_flows.memory_system.description import MemorySystem, image_path, memory_system
from hw_flows.memory_system.faults import fault_of

__all__ = ["MemorySystem", "fault_of", "image_path", "memory_system"]
