# SPDX-License-Identifier: BSD-3-Clause
"""Where the runs of an experiment are computed: Dask's workers, on this machine or elsewhere."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from quantunet_common.errors import UserError
from quantunet_common.installation import how_to_install
from quantunet_lab.experiment.config import AddressCluster, LocalCluster, SlurmCluster

if TYPE_CHECKING:
    from distributed import Client

PATIENCE_SECONDS = 60
#: On a busy machine a worker may take minutes to start or to answer; one that ends is noticed at once.
PATIENT = {
    "distributed.comm.timeouts.connect": "300s",
    "distributed.comm.timeouts.tcp": "300s",
    "distributed.scheduler.worker-ttl": None,
}


@contextmanager
def client(cluster: LocalCluster | AddressCluster | SlurmCluster) -> Iterator[Client]:
    """A client of the workers, which end with it where it started them.

    Raises:
        UserError: nobody answers at the address, or dask-jobqueue is missing or refuses the options.
    """
    # Dask's own lines about workers that come and go say nothing to a user.
    logging.getLogger("distributed").setLevel(logging.ERROR)
    import dask

    # Before the settings below: the first import enters its defaults, which leaving them would take away again.
    import distributed  # noqa: F401

    with dask.config.set(PATIENT), _client(cluster) as found:
        yield found


@contextmanager
def _client(cluster: LocalCluster | AddressCluster | SlurmCluster) -> Iterator[Client]:
    import distributed

    if isinstance(cluster, AddressCluster):
        try:
            found = distributed.Client(cluster.address, timeout=PATIENCE_SECONDS)
        except (OSError, ValueError) as error:
            raise UserError(
                f"no Dask scheduler answers ({error})", cluster.address, "Start one with `dask scheduler`."
            ) from error
        with found:
            yield found
        return
    with _started(cluster) as workers, distributed.Client(workers) as found:
        yield found


def _started(cluster: LocalCluster | SlurmCluster) -> Any:
    import distributed

    if isinstance(cluster, LocalCluster):
        return distributed.LocalCluster(
            n_workers=cluster.workers,
            threads_per_worker=1,
            processes=cluster.processes,
            dashboard_address="127.0.0.1:0",
            # Runs are killed by the system where memory runs out, and go on; Dask's own guess stops them early.
            memory_limit=None,
        )
    try:
        from dask_jobqueue import SLURMCluster
    except ModuleNotFoundError as error:
        raise UserError(
            "dask-jobqueue is not installed", "cluster", f"To install it: {how_to_install('dask-jobqueue')}."
        ) from error
    try:
        # One run at a time in a job, which books as many cores as torch takes threads.
        one = {"cores": 1, "processes": 1, "job_cpu": cluster.threads}
        workers = SLURMCluster(**{**one, **cluster.options})
    except (TypeError, ValueError) as error:
        raise UserError(
            f"dask-jobqueue refuses the options ({error})", "cluster.options", "See dask_jobqueue.SLURMCluster."
        ) from error
    workers.scale(jobs=cluster.workers)
    return workers
