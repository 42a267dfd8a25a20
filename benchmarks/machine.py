"""What the figures were taken on, and how a process is held to its share of it."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
from collections.abc import MutableMapping

PACKAGES = (
    "onnxruntime", "openvino", "ai-edge-litert", "tensorflow", "keras", "numpy", "opencv-python-headless", "gradio",
)  # fmt: skip
POOLS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS",
)  # fmt: skip


def hold(threads: int, environment: MutableMapping[str, str]) -> None:
    """Give this process, and those that it starts, ``threads`` cores: by affinity on Linux, by pool size everywhere.

    Call it before numpy is imported: its thread pool is sized then.
    """
    for pool in POOLS:
        environment[pool] = str(threads)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def cpu_model() -> str:
    """The processor's name as the system gives it."""
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.partition(":")[2].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def versions(names: tuple[str, ...]) -> dict[str, str]:
    """Package → installed version; packages that are absent are left out."""
    found = {}
    for name in names:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def describe(threads: int) -> dict:
    """Processor, cores, system, versions and date."""
    return {
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "threads": threads,
        "load_before": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": versions(PACKAGES),
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
    }
