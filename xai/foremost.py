"""Which finding to show where nobody asked for one."""

from __future__ import annotations

import numpy as np

from xai.explain import Explanation


def foremost(explanation: Explanation) -> str:
    """The finding of the film's population that stands highest above its operating point, in log-odds."""

    def height(name: str) -> float:
        reading = explanation.readings[name]
        point = reading.finding.operating_point
        return reading.logit - np.log(point / (1 - point))

    own = [n for n, r in explanation.readings.items() if r.finding.population == explanation.gate.population]
    return max(own or explanation.readings, key=height)
