"""One process or several: the environment that torchrun sets, and what it changes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import torch
import torch.distributed
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from shared.errors import InvalidInput

Module = TypeVar("Module", bound=nn.Module)


@dataclass(frozen=True, slots=True)
class Place:
    """This process among those that train together.

    Attributes:
        device: where it computes.
        rank: its number, from 0.
        processes: how many there are.
    """

    device: torch.device
    rank: int = 0
    processes: int = 1

    @property
    def is_first(self) -> bool:
        """Whether this process writes the files and talks to the user."""
        return self.rank == 0

    def wrap(self, model: Module) -> Module | DistributedDataParallel:
        """The model, averaging its gradients over all processes where there are several."""
        return DistributedDataParallel(model) if self.processes > 1 else model

    def agree_on(self, tensor: torch.Tensor) -> None:
        """Give it the values that it has in the first process."""
        if self.processes > 1:
            torch.distributed.broadcast(tensor, 0)

    def wait(self) -> None:
        """Wait until all processes have come here."""
        if self.processes > 1:
            torch.distributed.barrier()


@contextmanager
def joined(device: str = "auto") -> Iterator[Place]:
    """Join the processes that torchrun started; alone where it did not.

    Args:
        device: ``cpu``, ``cuda``, or ``auto`` for a GPU where there is one.

    Raises:
        InvalidInput: a GPU was asked for and there is none.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise InvalidInput("device: cuda was asked for, torch finds no GPU; use cpu or auto")
    use_gpu = device != "cpu" and torch.cuda.is_available()
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    local = int(os.environ.get("LOCAL_RANK", "0"))
    chosen = torch.device("cuda", local) if use_gpu else torch.device("cpu")
    if processes == 1:
        yield Place(chosen)
        return
    torch.distributed.init_process_group("nccl" if use_gpu else "gloo")
    try:
        yield Place(chosen, torch.distributed.get_rank(), processes)
    finally:
        torch.distributed.destroy_process_group()
