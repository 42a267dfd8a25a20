"""Gates for tests that are not about the gate: they pass every picture as an adult's film, or refuse every one."""

from __future__ import annotations

import numpy as np

_COMPONENTS = 2


def arrays(channels: int, passes: bool = True) -> dict[str, np.ndarray]:
    """The arrays of a gate in a head's ``.npz``, for features of so many channels and a threshold of 2."""
    clouds = {}
    for view, length in (("features", channels), ("layout", 9 * _COMPONENTS)):
        clouds |= {
            f"gate_{view}_mean": np.zeros(length, np.float32),
            f"gate_{view}_basis": np.eye(length, _COMPONENTS, dtype=np.float16),
            f"gate_{view}_scale": np.ones(1, np.float32),
            f"gate_{view}_centres": np.array([[0, 0, 0], [1e4, 1e4, 1e4]], np.float32),
            f"gate_{view}_precision": np.eye(3, dtype=np.float32),
        }
    measures = 2 + _COMPONENTS
    return clouds | {
        "gate_limits": np.full(2, 1e4, np.float32),
        "gate_stage_middle": np.zeros(measures, np.float32),
        "gate_stage_spread": np.ones(measures, np.float32),
        "gate_stage_weights": np.zeros(measures, np.float32),
        "gate_stage_offset": np.full(1, -1.0 if passes else 5.0, np.float32),
    }
