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

# Outputs, inputs with their bits, parameters with their defaults (UG953). Those of the pre-adder end here; what nothing is
# connected to is left out (techmap_autopurge).
_OUTPUTS = """P:48 PCOUT:48 ACOUT:30 BCOUT:18 CARRYOUT:4 CARRYCASCOUT:1 MULTSIGNOUT:1 OVERFLOW:1 PATTERNBDETECT:1 PATTERNDETECT:1
    UNDERFLOW:1"""
_INPUTS = """A:30 ACIN:30 B:18 BCIN:18 C:48 PCIN:48 ALUMODE:4 CARRYINSEL:3 INMODE:5 OPMODE:7 CARRYIN:1 CARRYCASCIN:1 MULTSIGNIN:1
    CLK:1 CEA1:1 CEA2:1 CEB1:1 CEB2:1 CEC:1 CEM:1 CEP:1 CEALUMODE:1 CECARRYIN:1 CECTRL:1 CEINMODE:1 RSTA:1 RSTB:1 RSTC:1 RSTM:1
    RSTP:1 RSTALLCARRYIN:1 RSTALUMODE:1 RSTCTRL:1 RSTINMODE:1"""
_IDLE_INPUTS = "D:25 CED:1 CEAD:1 RSTD:1"
_PARAMETERS = """ACASCREG:1 AREG:1 BCASCREG:1 BREG:1 CREG:1 MREG:1 PREG:1 ALUMODEREG:1 CARRYINREG:1 CARRYINSELREG:1 INMODEREG:1
    OPMODEREG:1 A_INPUT:"DIRECT" B_INPUT:"DIRECT" USE_MULT:"MULTIPLY" USE_SIMD:"ONE48" USE_PATTERN_DETECT:"NO_PATDET"
    SEL_MASK:"MASK" SEL_PATTERN:"PATTERN" AUTORESET_PATDET:"NO_RESET" MASK:48'h3FFFFFFFFFFF PATTERN:48'h000000000000"""
_IDLE_PARAMETERS = 'ADREG:1 DREG:1 USE_DPORT:"FALSE"'


def _named(text: str) -> dict[str, str]:
    return dict(item.split(":") for item in text.split())


def _dsp48e1() -> str:
    """The DSP48E1 as a module of a DSP48E2: A has a sign of 25 bits there where it is multiplied, and W is new here."""
    outputs, inputs, parameters = _named(_OUTPUTS), _named(_INPUTS), _named(_PARAMETERS)
    given = {name: name for name in (*outputs, *inputs)}
    given |= {"A": 'USE_MULT == "NONE" ? A : {{5{A[24]}}, A[24:0]}', "OPMODE": "{2'b00, OPMODE}"}
    ports = [f"output [{bits}-1:0] {name}" for name, bits in outputs.items()]
    ports += [f"input [{bits}-1:0] {name}" for name, bits in (inputs | _named(_IDLE_INPUTS)).items()]
    declared = ",\n".join(f"    (* techmap_autopurge *) {port}" for port in ports)
    defaults = (parameters | _named(_IDLE_PARAMETERS)).items()
    chosen = {name: name for name in parameters} | {"AMULTSEL": '"A"', "BMULTSEL": '"B"', "DREG": "0", "ADREG": "0"}
    return (
        f"module DSP48E1 (\n{declared}\n);\n"
        + "".join(f"  parameter {name} = {value};\n" for name, value in defaults)
        + f"  DSP48E2 #({_connections(chosen)})\n  _TECHMAP_REPLACE_ ({_connections(given)});\nendmodule\n"
    )


def _connections(named: dict[str, str]) -> str:
    return ", ".join(f".{name}({value})" for name, value in named.items())


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
