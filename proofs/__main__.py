# SPDX-License-Identifier: BSD-3-Clause
"""`python -m proofs`: prove the stream primitives, print the table, write proofs.json and proofs.md."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from hw_flows.machine.errors import UserError
from hw_flows.operators import add_folder
from proofs import table
from proofs.catalogue import all_benches
from proofs.run import holds, run_all

EXAMPLE = "example: python -m proofs --only fifo fork --jobs 2"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m proofs", description=__doc__, epilog=EXAMPLE)
    parser.add_argument("--output", type=Path, default=Path("builds/proofs"), help="folder of results and logs")
    parser.add_argument("--operators", type=Path, nargs="+", default=(), metavar="FOLDER", help="further operators")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="primitives to prove; default: all")
    parser.add_argument(
        "--quick", action="store_true", help="one set of parameters and one broken copy of each light one"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="proofs at a time")
    options = parser.parse_args(arguments)
    try:
        for folder in options.operators:
            add_folder(folder)
        benches = all_benches()
        known = {bench.name for bench in benches}
        for name in options.only or ():
            if name not in known:
                raise UserError(
                    f"{name} is not a primitive with a proof", "--only", f"choose from {', '.join(sorted(known))}"
                )
        chosen = [bench for bench in benches if not options.only or bench.name in options.only]
        output = options.output.resolve()
        proofs, mutants = run_all(chosen, output, max(1, options.jobs), options.quick, _tell)
        table.write(output, proofs, mutants)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(table.text(proofs, mutants))
    print(output / "proofs.json")
    return 0 if holds(proofs, mutants) else 1


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
