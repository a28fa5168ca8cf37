# SPDX-License-Identifier: BSD-3-Clause
"""Where a training runs: CPU or CUDA, one process or several on one or many machines.

Lightning Fabric places the network, wraps it for several processes (DistributedDataParallel) and runs the
backward pass; `torchrun` starts the processes and ends all of them when one is lost:

    torchrun --nproc-per-node 2 .venv/bin/qu-train --config FILE.yaml --output DIR

On several machines each has the data and runs torchrun with --nnodes, --node-rank and --master-addr; DIR is
written and read by process 0 alone.

Every process draws the same global batch and takes its part of it. Batch normalization and the statistics of
activations are those of the global batch (`quantunet.synchronized`), so the result is that of one process
but for the order of sums.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Literal, TypeVar, cast

import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins.environments import LightningEnvironment, TorchElasticEnvironment
from lightning_fabric.strategies import DDPStrategy, SingleDeviceStrategy, Strategy
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from quantunet_common.errors import UserError

_Result = TypeVar("_Result")

#: A process that is silent for so long is taken for lost. One that ends is noticed at once, except by NCCL.
PATIENCE = timedelta(minutes=5)


class TrainingEngine:
    """This process's share of a training. Made once a training, by all its processes."""

    def __init__(self, device: Literal["auto", "cpu", "cuda"] = "auto", mixed_precision: bool = False) -> None:
        """Join the other processes, if `torchrun` started this one.

        Raises:
            UserError: there is no such device, or the other processes cannot be reached.
        """
        cuda = torch.cuda.is_available()
        if device == "cuda" and not cuda:
            raise UserError(
                "there is no CUDA device here, or this build of torch cannot use it", "device", "Use cpu or auto."
            )
        kind = "cpu" if device == "cpu" or not cuda else "cuda"
        self.launched = TorchElasticEnvironment.detect()
        self._replicas: list[DistributedDataParallel] = []
        here = int(os.environ.get("LOCAL_WORLD_SIZE", "1")) if self.launched else 1
        if kind == "cuda" and here > torch.cuda.device_count():
            raise UserError(
                f"{here} processes share {torch.cuda.device_count()} CUDA device(s)",
                "device",
                "Start at most one process a device (torchrun --nproc-per-node).",
            )
        strategy: Strategy
        if self.launched:
            # buffers are alike everywhere, see `quantunet.synchronized`
            strategy = DDPStrategy(timeout=PATIENCE, forward_sync_buffers=False)
        else:
            strategy = SingleDeviceStrategy(torch.device(kind, 0) if kind == "cuda" else torch.device("cpu"))
        self.fabric = Fabric(
            accelerator=kind,
            devices=here,
            num_nodes=int(os.environ["WORLD_SIZE"]) // here if self.launched else 1,
            strategy=strategy,
            precision="bf16-mixed" if mixed_precision else "32-true",
            plugins=[TorchElasticEnvironment() if self.launched else LightningEnvironment()],
        )
        logging.getLogger("lightning_fabric").setLevel(logging.WARNING)  # who joined is no news
        with self._losses_named():
            self.fabric.launch()

    @property
    def device(self) -> torch.device:
        return self.fabric.device

    @property
    def processes(self) -> int:
        return self.fabric.world_size

    @property
    def rank(self) -> int:
        """Number of this process, from 0; process 0 writes the files."""
        return self.fabric.global_rank

    @property
    def is_first(self) -> bool:
        return self.rank == 0

    def share(self, count: int) -> slice:
        """This process's part of `count` items: consecutive ones, the shares' sizes differ by at most 1."""
        return slice(count * self.rank // self.processes, count * (self.rank + 1) // self.processes)

    def total(self, tensor: Tensor) -> Tensor:
        """Sum over all processes, alike in each; no gradient."""
        return cast(Tensor, self.fabric.all_reduce(tensor.detach(), reduce_op="sum"))

    def first(self, action: Callable[[], _Result]) -> _Result:
        """The result of `action`, which only process 0 runs; its error is raised in all processes."""
        found: tuple[_Result | None, UserError | None] = (None, None)
        if self.is_first:
            try:
                found = action(), None
            except UserError as error:
                found = None, error
        if self.processes > 1:
            found = self.fabric.broadcast(found)
        result, wrong = found
        if wrong is not None:
            raise wrong
        return cast(_Result, result)

    def setup(
        self, model: nn.Module, optimizer: torch.optim.Optimizer, apart: Sequence[nn.Parameter] = ()
    ) -> tuple[nn.Module, Any]:
        """`model`, moved to the device, as what is called in training, and the optimizer's stepper.

        Args:
            apart: parameters whose gradients `backward` averages by itself. DistributedDataParallel waits
                for the gradient of each parameter it knows, so those that are frozen in between are not its.
        """
        self._apart = tuple(apart)
        ids = {id(parameter) for parameter in apart}
        DistributedDataParallel._set_params_and_buffers_to_ignore_for_model(
            model, [name for name, parameter in model.named_parameters() if id(parameter) in ids]
        )
        wrapped, stepper = self.fabric.setup(model, optimizer)
        self._replicas = [module for module in wrapped.modules() if isinstance(module, DistributedDataParallel)]
        return cast(nn.Module, wrapped), stepper

    def backward(self, loss: Tensor) -> None:
        """Gradients of the mean of all processes' losses."""
        self.fabric.backward(loss)
        own = [p for p in self._apart if p.requires_grad]
        if self.processes > 1 and own:
            gradients = torch.stack([torch.zeros_like(p) if p.grad is None else p.grad for p in own])
            for parameter, gradient in zip(own, self.total(gradients) / self.processes, strict=True):
                parameter.grad = gradient.clone()

    @contextmanager
    def running(self) -> Iterator[None]:
        """The time of a training: repeatable arithmetic on CUDA; the loss of a process becomes an error here.

        Raises:
            UserError: another process was lost, or `torchrun` ends this one for that reason.
        """
        exact = {"benchmark": False, "deterministic": True, "allow_tf32": False}
        before = {name: getattr(torch.backends.cudnn, name) for name in exact}
        handler = None
        if self.launched and threading.current_thread() is threading.main_thread():
            handler = signal.signal(signal.SIGTERM, _ended_by_launcher)
        try:
            for name, value in exact.items():
                setattr(torch.backends.cudnn, name, value)
            with self._losses_named():
                try:
                    yield
                    if torch.distributed.is_initialized():
                        self.fabric.barrier()
                finally:
                    self._let_go_of_the_group()
                if torch.distributed.is_initialized():
                    torch.distributed.destroy_process_group()
        finally:
            for name, value in before.items():
                setattr(torch.backends.cudnn, name, value)
            if handler is not None:
                signal.signal(signal.SIGTERM, handler)

    def _let_go_of_the_group(self) -> None:
        """Make Python's own reference to the process group the last one.

        Whoever drops the last one waits for gloo's threads, and these may wait for the interpreter's lock to free a
        tensor. Python's reference waits without the lock; DistributedDataParallel's objects in C++ (torch 2.13) wait
        with it, for ever.
        """
        for replica in self._replicas:
            for name in ("logger", "reducer"):
                vars(replica).pop(name, None)

    @contextmanager
    def _losses_named(self) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:
            # gloo raises plain RuntimeErrors that begin with the place in its source
            if self.launched and (isinstance(error, torch.distributed.DistError) or "gloo" in str(error).lower()):
                raise _lost(str(error).partition(". ")[0].strip()) from error
            raise


def _ended_by_launcher(signum: int, frame: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # one message is enough
    raise _lost("torchrun ends this one")


def _lost(reason: str) -> UserError:
    return UserError(
        f"another process of this training was lost ({reason})",
        f"process {os.environ.get('RANK', '0')} of {os.environ.get('WORLD_SIZE', '1')}",
        "See what that process or its machine said; then continue from the last saved state with --resume.",
    )
