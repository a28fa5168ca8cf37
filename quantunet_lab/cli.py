"""The command `qu-experiment`. Exit status 0: all done and the goal holds. 1: a run failed or the goal does
not hold, with the page written. 2: unusable input, one message. 130: interrupted.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import click

from quantunet.errors import QuantUNetError


@click.command(
    epilog="""\b
Examples:
  qu-experiment --config build_configs/experiment_icbm152.yaml --output runs/experiment
  qu-experiment --config build_configs/experiment_icbm152.yaml --output runs/experiment --page-only

The same command again goes on where an interrupted experiment stopped."""
)
@click.option(
    "--config", "config_file", type=click.Path(path_type=Path), required=True, metavar="FILE.yaml", help="Settings."
)
@click.option("--output", type=click.Path(path_type=Path), required=True, metavar="DIR", help="The experiment's folder.")
@click.option("--workers", type=click.IntRange(min=1), help="Runs at once, on this machine.")
@click.option("--page-only", is_flag=True, help="Compute nothing; write the page of the runs that are done.")
def experiment_main(config_file: Path, output: Path, workers: int | None, page_only: bool) -> None:
    """Train variants of a network with several seeds and write a page that compares them."""
    try:
        sys.exit(_experiment(config_file, output, workers, page_only))
    except QuantUNetError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
    except OSError as error:
        click.echo(f"error: {error.filename or 'system'}: {error.strerror or error}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        click.echo("interrupted; the same command goes on where it stopped", err=True)
        sys.exit(130)


def _experiment(config_file: Path, output: Path, workers: int | None, page_only: bool) -> int:
    from quantunet_lab.experiment.config import read_experiment_config

    overrides: dict[str, Any] = {}
    if workers is not None:
        overrides["cluster"] = {"kind": "local", "workers": workers}
    config = read_experiment_config(config_file, overrides)
    output = output.resolve()  # workers have working directories of their own
    failures: dict[str, str] = {}
    if not page_only:
        from quantunet_lab.experiment.sweep import compute

        failures = compute(config, output, _say)
    return 1 if failures else 0


def _say(line: str) -> None:
    click.echo(f"{time.strftime('%H:%M:%S')} {line}", err=True)
