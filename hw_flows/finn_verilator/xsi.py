# SPDX-License-Identifier: BSD-3-Clause
"""FINN's extension module `xsi` (Kernel, Design, Port) over a design compiled by Verilator instead of by Vivado.

FINN's simulation engine, `finn_xsi.sim_engine`, knows the simulator by this module alone, so it runs unchanged on it:
streams, AXI-lite, watchdogs, cycle counts. The names, their arguments and what they raise are those of FINN's
`xsi_bind.cpp`. The difference is that Verilator has two states: no bit is ever unknown. What Vivado would show as X is 0,
as at power-up of the FPGA, so a design whose outputs depend on it does not show that here.
"""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Iterator
from pathlib import Path

_INPUT, _OUTPUT, _INOUT = 1, 2, 3

#: The one design that may be open in a process, as with Vivado; FINN closes a forgotten one before it opens the next.
_open: weakref.ReferenceType[Design] | None = None


class Kernel:
    """Stands for Vivado's simulator kernel library; a design of Verilator's brings its own."""

    def __init__(self, library: str) -> None:
        self.library = library
        self.taken = False


class Design:
    """A compiled design in memory.

    Raises RuntimeError where another design is open, the library cannot be loaded, and in any use after `close`.
    """

    def __init__(
        self, kernel: Kernel, design_lib: str, log_file: str | None = None, wdb_file: str | None = None
    ) -> None:
        global _open
        other = None if _open is None else _open()
        if other is not None and other.is_open():
            raise RuntimeError(
                f"Cannot open XSI design '{design_lib}': design '{other._name}' is still open in this process. Only one XSI "
                "design can be open at a time; close the previous simulation before starting a new one."
            )
        if kernel.taken:
            raise RuntimeError(f"Cannot open design '{design_lib}': its kernel has been used by another design.")
        kernel.taken = True
        self._name: str = design_lib
        self._log = Path(log_file).absolute() if log_file else None
        self._waves = wdb_file
        self._library = _load(Path(design_lib).absolute())
        self._model: int | None = self._library.design_open(str(self._log or "").encode())
        if not self._model:
            raise RuntimeError(f"Cannot open design '{design_lib}': the log file {self._log} cannot be written.")
        self._ports: dict[str, Port] = {}
        for index in range(self._library.design_port_count()):
            port = Port(self, self._library, self._model, index)
            self._ports[port.name()] = port
        self._weak = weakref.finalize(self, self._library.design_close, self._model)
        _open = weakref.ref(self)
        self._power_up()

    def close(self) -> None:
        """Run `final` blocks, flush waves and log; may be called again."""
        global _open
        self._weak()
        self._model = None
        if _open is not None and _open() is self:
            _open = None

    def is_open(self) -> bool:
        return self._model is not None

    def trace_all(self) -> None:
        """Write waves (FST) of everything to the file named at opening, if the design was compiled with debug."""
        if self._waves and self._library.design_trace(self._opened(), str(Path(self._waves).absolute()).encode()) == 2:
            raise RuntimeError(f"The waves file {self._waves} cannot be written.")

    def run(self, step: int) -> None:
        """Let `step` time units (ps) pass; what was written to ports takes effect at their beginning.

        Raises RuntimeError where the design ended itself with $fatal or $stop or violated one of its assertions.
        """
        self._opened()
        if self._changed:
            self._settle()
        self._time += step

    def restart(self) -> None:
        """Back to time 0 and power-up, ports included."""
        self._library.design_restart(self._opened())
        self._power_up()

    def get_status(self) -> int:
        """0 running, 1 ended by $finish, 2 by an error."""
        return int(self._library.design_status(self._opened()))

    def get_error_info(self) -> str:
        return str(self._library.design_error(self._opened()).decode())

    def num_ports(self) -> int:
        self._opened()
        return len(self._ports)

    def getPort(self, name: str) -> Port:
        """The port called `name`; RuntimeError where there is none."""
        self._opened()
        try:
            return self._ports[name]
        except KeyError:
            raise RuntimeError(f"No such port: {name}") from None

    def ports(self) -> Iterator[Port]:
        self._opened()
        return iter(self._ports.values())

    def _opened(self) -> int:
        if self._model is None:
            raise RuntimeError(f"The design '{self._name}' has been closed.")
        return self._model

    def _power_up(self) -> None:
        self._time = 0
        for port in self._ports.values():
            port._locate()
            if port.isInput():  # a clock that begins high would hide its first edge
                port.clear().write_back()
        self._settle()

    def _settle(self) -> None:
        self._changed = False
        if self._library.design_eval(self._model, self._time) == 2:
            where = f" (see {self._log})" if self._log else ""
            raise RuntimeError(f"The design '{self._name}' ended the simulation: {self.get_error_info()}{where}")


class Port:
    """A top-level port with a buffer: `read` and `write_back` move it from and to the design, the rest works on it.

    The buffer has two planes as Vivado's: a bit is 0 or 1 by the first where the second is 0, else Z or X. What is
    written as Z or X arrives in the design as 0.
    """

    def __init__(self, design: Design, library: ctypes.CDLL, model: int, index: int) -> None:
        self._design = weakref.ref(design)
        self._library = library
        self._model = model
        self._index = index
        self._name = library.design_port_name(index).decode()
        self._dir = library.design_port_direction(index)
        self._width = library.design_port_width(index)
        self._mask = (1 << self._width) - 1
        self._bits = 0
        self._unknown = 0

    def _locate(self) -> None:
        # Verilator keeps the value of a port in 1, 2, 4, 8 or n times 4 bytes, lowest first.
        self._bytes = next((size for size in (1, 2, 4, 8) if self._width <= 8 * size), -(-self._width // 32) * 4)
        address = self._library.design_port_address(self._model, self._index)
        self._memory = (ctypes.c_ubyte * self._bytes).from_address(address)

    def name(self) -> str:
        return self._name

    def dir(self) -> int:
        return int(self._dir)

    def width(self) -> int:
        """In bits."""
        return int(self._width)

    def isInput(self) -> bool:
        return bool(self._dir == _INPUT)

    def isOutput(self) -> bool:
        return bool(self._dir == _OUTPUT)

    def isInout(self) -> bool:
        return bool(self._dir == _INOUT)

    def read(self) -> Port:
        """Fill the buffer from the design."""
        self._opened()
        self._bits = int.from_bytes(self._memory, "little") & self._mask
        self._unknown = 0
        return self

    def write_back(self) -> None:
        """Write the buffer to the design; it takes effect when the design runs next."""
        design = self._opened()
        self._memory[:] = (self._bits & ~self._unknown & self._mask).to_bytes(self._bytes, "little")
        design._changed = True

    def hasUnknown(self) -> bool:
        return self._unknown != 0

    def isZero(self) -> bool:
        return self._bits == 0

    def as_bool(self) -> bool:
        return bool(self._bits & 1)

    def as_unsigned(self) -> int:
        """The lowest 32 bits."""
        return self._bits & 0xFFFFFFFF

    def as_binstr(self) -> str:
        if not self._unknown:
            return f"{self._bits:0{self._width}b}"
        places = reversed(range(self._width))
        return "".join("01ZX"[(self._unknown >> i & 1) << 1 | (self._bits >> i & 1)] for i in places)

    def as_hexstr(self) -> str:
        digits = -(-self._width // 4)
        if not self._unknown:
            return f"{self._bits:0{digits}x}"
        found = []
        for place in reversed(range(digits)):
            bits, unknown = self._bits >> 4 * place & 15, self._unknown >> 4 * place & 15
            found.append(f"{bits:x}" if not unknown else "X" if bits & unknown else "Z")
        return "".join(found)

    def as_hexstr_2state(self) -> str:
        return f"{self._bits:0{-(-self._width // 4)}x}"

    def clear(self) -> Port:
        self._bits = self._unknown = 0
        return self

    def set(self, value: int) -> Port:
        """Set the lowest 32 bits."""
        self._bits = self._bits & ~0xFFFFFFFF & self._mask | value & 0xFFFFFFFF & self._mask
        self._unknown &= ~0xFFFFFFFF
        return self

    def set_binstr(self, value: str) -> Port:
        """Set from digits 0, 1, z; anything else is X. Missing digits are 0, those beyond the width are dropped."""
        return self._set_digits(value, 1)

    def set_hexstr(self, value: str) -> Port:
        """Set from hexadecimal digits, as `set_binstr`."""
        return self._set_digits(value, 4)

    def _set_digits(self, value: str, digit_bits: int) -> Port:
        base = 1 << digit_bits
        try:
            if "_" in value or value.strip() != value or value[:1] in "+-":
                raise ValueError
            self._bits, self._unknown = int(value, base) & self._mask, 0
        except ValueError:
            bits = unknown = 0
            for digit in value:
                known = digit in "0123456789abcdefABCDEF"[: 2 if base == 2 else None]
                bits = bits << digit_bits | (int(digit, base) if known else 0 if digit in "zZ" else base - 1)
                unknown = unknown << digit_bits | (0 if known else base - 1)
            self._bits, self._unknown = bits & self._mask, unknown & self._mask
        return self

    def _opened(self) -> Design:
        design = self._design()
        if design is None or design._model is None:
            raise RuntimeError(f"The design of port '{self._name}' has been closed.")
        return design


def _load(file: Path) -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(str(file))
        handle, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
        for name, result, arguments in (
            ("open", handle, (text,)),
            ("close", None, (handle,)),
            ("restart", None, (handle,)),
            ("eval", number, (handle, ctypes.c_uint64)),
            ("trace", number, (handle, text)),
            ("status", number, (handle,)),
            ("error", text, (handle,)),
            ("port_count", number, ()),
            ("port_name", text, (number,)),
            ("port_direction", number, (number,)),
            ("port_width", number, (number,)),
            ("port_address", handle, (handle, number)),
        ):
            function = getattr(library, f"design_{name}")
            function.restype, function.argtypes = result, arguments
    except (OSError, AttributeError) as error:
        raise RuntimeError(f"Cannot open design '{file}': {error}") from error
    return library
