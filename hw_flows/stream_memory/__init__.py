# SPDX-License-Identifier: BSD-3-Clause
"""FIFOs whose words wait in the board's memory: what writes them there and reads them back, through one AXI port."""
