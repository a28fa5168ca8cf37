"""Width conversion: the same elements in words of another size, at full rate, first element in the lowest bits.

`width_converter.sv` picks one of three: words of an integer multiple of the input (`widen.sv`: a shift register), of an
integer fraction (`narrow.sv`: a multiplexer on a register), or any ratio (`regroup.sv`: a ring of as many bits
as the least common multiple of both widths).
"""
