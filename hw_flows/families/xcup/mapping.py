# SPDX-License-Identifier: BSD-3-Clause
"""How Yosys maps to UltraScale+ devices: its `synth_xilinx`, with a step of its own for multipliers.

For this family Yosys makes a bare multiplier of every product: its pass that moves registers and adders into a DSP slice knows
the DSP48E1 and not the DSP48E2. So products are mapped as on 7-series, and every DSP48E1 becomes the DSP48E2 that does the same.

Pre-adders stay outside: Yosys takes adders of 25 bits, whose carry the DSP48E1 drops and the DSP48E2 keeps. It takes none for a
slice that says it has one in use.
"""

from __future__ import annotations

COMMAND = "synth_xilinx -family xcup"
#: `-run` leaves out the step `begin`: it would keep only one top module. The elaborated modules are flat already.
_OPTIONS = "-noiopad -noclkbuf"

# Every port goes where it went; what nothing is connected to is left out (techmap_autopurge). A has a sign of 25 bits there, W is
# new here.
_OUTPUTS = {
    **{"P": 48, "PCOUT": 48, "ACOUT": 30, "BCOUT": 18, "CARRYOUT": 4},
    **dict.fromkeys(("CARRYCASCOUT", "MULTSIGNOUT", "OVERFLOW", "PATTERNBDETECT", "PATTERNDETECT", "UNDERFLOW"), 1),
}
_INPUTS = {
    **{"A": 30, "ACIN": 30, "B": 18, "BCIN": 18, "C": 48, "PCIN": 48},
    **{
        "ALUMODE": 4,
        "CARRYINSEL": 3,
        "INMODE": 5,
        "OPMODE": 7,
        "CARRYIN": 1,
        "CARRYCASCIN": 1,
        "MULTSIGNIN": 1,
        "CLK": 1,
    },
    **dict.fromkeys(
        (f"CE{name}" for name in ("A1", "A2", "B1", "B2", "C", "M", "P", "ALUMODE", "CARRYIN", "CTRL", "INMODE")), 1
    ),
    **dict.fromkeys((f"RST{name}" for name in ("A", "B", "C", "M", "P", "ALLCARRYIN", "ALUMODE", "CTRL", "INMODE")), 1),
}
_PARAMETERS = {
    **dict.fromkeys(("ACASCREG", "AREG", "BCASCREG", "BREG", "CREG", "MREG", "PREG"), "1"),
    **dict.fromkeys(("ALUMODEREG", "CARRYINREG", "CARRYINSELREG", "INMODEREG", "OPMODEREG"), "1"),
    **{"A_INPUT": '"DIRECT"', "B_INPUT": '"DIRECT"', "USE_MULT": '"MULTIPLY"', "USE_SIMD": '"ONE48"'},
    **{
        "USE_PATTERN_DETECT": '"NO_PATDET"',
        "SEL_MASK": '"MASK"',
        "SEL_PATTERN": '"PATTERN"',
        "AUTORESET_PATDET": '"NO_RESET"',
    },
    **{"MASK": "48'h3FFFFFFFFFFF", "PATTERN": "48'h000000000000"},
}


# Of the pre-adder, which is not in use.
_IDLE_INPUTS = {"D": 25, "CED": 1, "CEAD": 1, "RSTD": 1}
_IDLE_PARAMETERS = {"ADREG": "1", "DREG": "1", "USE_DPORT": '"FALSE"'}


def _dsp48e1() -> str:
    """The DSP48E1 as a module of a DSP48E2."""
    ports = [f"output [{bits - 1}:0] {name}" for name, bits in _OUTPUTS.items()]
    ports += [f"input [{bits - 1}:0] {name}" for name, bits in (_INPUTS | _IDLE_INPUTS).items()]
    given = {name: name for name in (*_OUTPUTS, *_INPUTS)} | {"A": "{{5{A[24]}}, A[24:0]}", "OPMODE": "{2'b00, OPMODE}"}
    declared = ",\n".join(f"    (* techmap_autopurge *) {port}" for port in ports)
    defaults = "".join(f"  parameter {name} = {value};\n" for name, value in (_PARAMETERS | _IDLE_PARAMETERS).items())
    parameters = ", ".join(f".{name}({name})" for name in _PARAMETERS)
    connected = ", ".join(f".{name}({value})" for name, value in given.items())
    return (
        f"module DSP48E1 (\n{declared}\n);\n{defaults}"
        f'  DSP48E2 #({parameters}, .AMULTSEL("A"), .BMULTSEL("B"), .PREADDINSEL("A"), .DREG(0), .ADREG(0))\n'
        f"  _TECHMAP_REPLACE_ ({connected});\nendmodule\n"
    )


OPTIONS = f"""\
{_OPTIONS} -run prepare:map_dsp
scratchpad -set xilinx_dsp.multonly 1
synth_xilinx -family xc7 {_OPTIONS} -run map_dsp:coarse
scratchpad -set xilinx_dsp.multonly 0
setparam -set USE_DPORT "TRUE" t:DSP48E1
xilinx_dsp -family xc7
design -push
read_verilog <<EOT
{_dsp48e1()}EOT
design -stash dsp48e2
design -pop
techmap -map %dsp48e2
{COMMAND} {_OPTIONS} -run coarse:"""
