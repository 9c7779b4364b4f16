"""How many threads the libraries use. Imports none of them: they look when they are imported."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

SERFAST = "SERFAST_NUM_THREADS"
VARIABLES = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", SERFAST,
)  # fmt: skip


def pin() -> None:
    """One thread for every library that is imported from now on, here and in child processes."""
    os.environ.update(dict.fromkeys(VARIABLES, "1"))


def check_pinned() -> None:
    """Refuse to measure with a library that was imported too early."""
    from threadpoolctl import threadpool_info

    pools = {pool["prefix"]: pool["num_threads"] for pool in threadpool_info()}
    if max(pools.values(), default=1) > 1:
        raise RuntimeError(f"threads must be pinned to one before imports, not {pools}")


@contextmanager
def serfast_threads(n: int) -> Iterator[None]:
    """Another number for serfast, which looks at every call."""
    os.environ[SERFAST] = str(n)
    try:
        yield
    finally:
        os.environ[SERFAST] = "1"
