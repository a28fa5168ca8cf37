# SPDX-License-Identifier: BSD-3-Clause
"""Width conversion: the same elements in words of another size, at full rate, first element in the lowest bits.

`qu_width_converter.sv` picks one of three: words of an integer multiple of the input (`qu_widen.sv`: a shift register), of an
integer fraction (`qu_narrow.sv`: a multiplexer on a register), or any ratio (`qu_regroup.sv`: a ring of as many bits
as the least common multiple of both widths).
"""
