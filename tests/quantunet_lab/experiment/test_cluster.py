# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import sys
from pathlib import Path

import pytest

from quantunet_common.errors import UserError
from quantunet_lab.experiment.cluster import client
from quantunet_lab.experiment.config import AddressCluster, SlurmCluster

#: Runs the job here and at once; a job's number is that of its process group.
SBATCH = """#!/bin/sh
cp "$1" "$0.$$.sh"
setsid sh "$0.$$.sh" >"$0.$$.log" 2>&1 &
echo "Submitted batch job $!"
"""
SCANCEL = """#!/bin/sh
for job; do kill -TERM -- "-$job"; done
"""


@pytest.fixture
def slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand-ins for SLURM's commands on the PATH; the folder that keeps the jobs' scripts."""
    for name, text in (("sbatch", SBATCH), ("scancel", SCANCEL)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return tmp_path


def test_slurm_jobs_compute(slurm: Path) -> None:
    options = {"memory": "1GB", "queue": "long", "walltime": "0:10:00", "interface": "lo", "log_directory": str(slurm)}
    with client(SlurmCluster(kind="slurm", workers=1, threads=3, options=options)) as workers:
        there = workers.submit(lambda: sys.executable).result(timeout=300)
        (threads,) = workers.nthreads().values()
    assert there == sys.executable
    assert threads == 1
    (job,) = slurm.glob("sbatch.*.sh")
    for line in ("#SBATCH -p long", "#SBATCH --cpus-per-task=3", "#SBATCH -t 0:10:00"):
        assert line in job.read_text()


def test_wrong_options_of_slurm_are_told() -> None:
    for options in ({}, {"memory": "1GB", "quueue": "long"}):
        with (
            pytest.raises(UserError, match="refuses the options"),
            client(SlurmCluster(kind="slurm", options=options)),
        ):
            pass


def test_nobody_at_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quantunet_lab.experiment.cluster.PATIENCE_SECONDS", 1)
    address = AddressCluster(kind="address", address="tcp://127.0.0.1:9")
    with pytest.raises(UserError, match="no Dask scheduler answers"), client(address):
        pass
