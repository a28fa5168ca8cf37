# SPDX-License-Identifier: BSD-3-Clause
"""Run in name spaces of its own (`unshare`): a small disk in memory, a command on it, a larger disk, the command again.

python -m trust.machine_faults.small_disk KILOBYTES FOLDER COPY COMMAND...

prints what happened as JSON; the folder's `build` is copied to COPY, as the disk goes with the name spaces.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

LIMIT_SECONDS = 1800
PLENTY = "4g"


def main(kilobytes: str, folder: str, copy: str, *command: str) -> None:
    mount = ["mount", "-t", "tmpfs", "-o"]
    subprocess.run([*mount, f"size={kilobytes}k", "tmpfs", folder], check=True, timeout=60)
    ended = []
    for size in (None, PLENTY):
        if size is not None:
            subprocess.run(["mount", "-o", f"remount,size={size}", folder], check=True, timeout=60)
        (Path(folder) / "tmp").mkdir(exist_ok=True)
        run = subprocess.run(
            command, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False, errors="replace"
        )
        ended.append({"status": run.returncode, "said": run.stdout + run.stderr})
        if run.returncode == 0:
            break
    shutil.copytree(Path(folder) / "build", copy)
    print(json.dumps(ended))


if __name__ == "__main__":
    main(*sys.argv[1:])
