# SPDX-License-Identifier: BSD-3-Clause
"""Text, bytes and objects that do harm where they reach something that interprets them.

What runs leaves a file named `canary` in the folder that it runs in, or below the name it was given.
"""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

CANARY = "canary"
#: A module that lies beside the input and that nothing has a reason to import.
CANARY_MODULE = "module_of_the_input"
#: Stands in a file outside of the output folder that the input points at.
SECRET = b"4c7d9f-what-must-not-be-copied-2be1a6"

#: What may lie where a file is expected: how it is made at a path.
NO_FILES: dict[str, Callable[[Path], object]] = {
    "a named pipe": os.mkfifo,
    "a folder": Path.mkdir,
    "missing": lambda path: None,
    "a link to /dev/zero": lambda path: path.symlink_to("/dev/zero"),
    "a link to itself": lambda path: path.symlink_to(path.name),
}

#: Names that mean something to whoever forgets to escape them.
NAMES: dict[str, str] = {
    "Python": f"open({CANARY!r}, 'w')",
    "shell": f'"; touch {CANARY}; #',
    "backticks": f"`touch {CANARY}`",
    "substitution": f"$(touch {CANARY})",
    "Tcl": f"[exec touch {CANARY}]",
    "Tcl, closed": f'"}}; exec touch {CANARY}; {{',
    "Tcl, variable": "$env(HOME)",
    "HTML": "</script><script>document.title='canary'</script>",
    "HTML, attribute": "\"><img src=x onerror=document.title='canary'>",
    "HTML, comment": "--><svg onload=document.title='canary'>",
    "template": "{{ 7 * 191 }}{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "format": "{0.__class__} %s %n %(x)s",
    "SystemVerilog": f'x; initial $system("touch {CANARY}"); //',
    "end of the module": "endmodule module canary; initial $finish; endmodule",
    "comment's end": f'*/ initial $system("touch {CANARY}"); /*',
    "compiler directive": '`include "/etc/passwd"',
    "keyword": "always_ff",
    "C++": f'"); system("touch {CANARY}"); ("',
    "make": f"$(shell touch {CANARY})",
    "Yosys": f"top; !touch {CANARY}; shell",
    "up": "../../../up",
    "up, a lot": "../" * 40 + "tmp/up",
    "absolute": "/tmp/quantunet-absolute-name",
    "absolute, device": "/dev/full",
    "current": ".",
    "NUL": "before\0after",
    "newline": "first line\nsecond line\r\nerror: a forged message",
    "terminal": "\x1b]0;title\x07\x1b[2J\x1b[31mred\x9b2J",
    "right to left": "\u202egnp.exe",
    "unicode": "Schicht\u00e4\u4e2d\u6587\U0001f525\u0000\ufeff",
    "lone surrogate": "a\udc80b",
    "blank": "",
    "spaces": "   ",
    "long": "x" * 10_000,
    "long path": "a/" * 3000,
    "dunder": "__class__",
    "number": "0",
    "option": "--help",
}


class _Touch:
    """Makes the canary when it is unpickled."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (open, (self._path, "w"))


def pickles() -> dict[str, bytes]:
    """Pickles that leave a canary, by the way they take."""
    system = f"cos\nsystem\n(S'touch {CANARY}'\ntR."
    evaluate = f"c__builtin__\neval\n(S'open({CANARY!r}, \"w\")'\ntR."
    found = {f"reduce, protocol {protocol}": pickle.dumps(_Touch(CANARY), protocol) for protocol in range(6)}
    found["os.system"] = system.encode()
    found["eval"] = evaluate.encode()
    found["in a dictionary"] = pickle.dumps({"model": {}, "state_dict": {"head.weight": _Touch(CANARY)}})
    found["as the settings"] = pickle.dumps({"model": _Touch(CANARY), "state_dict": {}})
    return found


def torch_archives() -> dict[str, bytes]:
    """The same pickles as torch's zip archives hold them."""
    found = {}
    for name, data in pickles().items():
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr("archive/data.pkl", data)
            archive.writestr("archive/version", "3\n")
            archive.writestr("archive/byteorder", "little")
        found[name] = file.getvalue()
    return found


#: YAML that builds objects where a loader lets it.
YAML_TAGS: dict[str, str] = {
    "python/object/apply": f"!!python/object/apply:os.system ['touch {CANARY}']",
    "python/object/new": f"!!python/object/new:os.system ['touch {CANARY}']",
    "python/name": "!!python/name:os.system",
    "python/module": "!!python/module:antigravity",
    "subprocess": f"!!python/object/apply:subprocess.check_output [['touch', '{CANARY}']]",
    "local tag": f"!exec touch {CANARY}",
    "state": "!!python/object:quantunet.config.TrainConfig {steps: 1}",
}


def write_canary_module(folder: Path) -> None:
    """A module that leaves a canary when it is imported."""
    (folder / f"{CANARY_MODULE}.py").write_text(f"open({CANARY!r}, 'w').close()\n")
