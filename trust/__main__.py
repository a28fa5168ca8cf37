# SPDX-License-Identifier: BSD-3-Clause
"""`python -m trust`: try everything, write the results and the page docs/trust.md."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from hw_flows.machine.errors import UserError
from quantunet_common.files import write_text_atomically
from trust.catalogue import PARTS
from trust.page import markdown
from trust.part import Say, read_outcome, write_outcome

EXAMPLE = "example: python -m trust --only hostile_input --sample"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m trust", description=__doc__, epilog=EXAMPLE)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="parts to run; default: all")
    parser.add_argument("--sample", action="store_true", help="a few minutes of each part in place of all")
    parser.add_argument("--page-only", action="store_true", help="only write the page of the results that are there")
    parser.add_argument("--results", type=Path, default=Path("docs/trust"), help="folder of the result files")
    parser.add_argument("--page", type=Path, default=Path("docs/trust.md"), help="file of the page")
    parser.add_argument("--work", type=Path, default=Path("builds/trust"), help="folder for what the parts write")
    options = parser.parse_args(arguments)
    try:
        known = {part.name for part in PARTS}
        for name in options.only or ():
            if name not in known:
                raise UserError(f"{name} is not a part", "--only", f"choose from {', '.join(sorted(known))}")
        for part in [] if options.page_only else PARTS:
            if options.only and part.name not in options.only:
                continue
            work = (options.work / part.name).resolve()
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir(parents=True)
            outcome = part.run(work, options.sample, _teller(part.name))
            write_outcome(options.results, part, outcome, options.sample)
            print(f"{part.name}: {'holds' if outcome.holds else 'DOES NOT HOLD'}: {outcome.headline}", flush=True)
        found = [(part, *(read_outcome(options.results, part) or (None, False))) for part in PARTS]
        write_text_atomically(options.page, markdown(found))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(options.page)
    return 0 if all(outcome is not None and outcome.holds for _, outcome, _ in found) else 1


def _teller(name: str) -> Say:
    return lambda line: print(f"{name}: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
