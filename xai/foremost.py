"""Which finding to show where nobody asked for one."""

from __future__ import annotations

import math

from xai.explain import Explanation, Reading

# A question that means something only where another one is answered with yes.
PREMISE = {"bacterial_child": "pneumonia_child"}


def foremost(explanation: Explanation) -> str:
    """The finding of the film's population that stands highest above its operating point, in log-odds.

    One whose premise does not hold is foremost only where there is no other.
    """
    own = [n for n, r in explanation.readings.items() if r.finding.population == explanation.gate.population]
    meant = [name for name in own if unmet(explanation, name) is None]
    return max(meant or own or explanation.readings, key=lambda name: _lead(explanation.readings[name]))


def unmet(explanation: Explanation, name: str) -> Reading | None:
    """The reading that a finding presupposes and that does not reach its operating point; None if nothing is amiss."""
    premise = explanation.readings.get(PREMISE.get(name, ""))
    return premise if premise is not None and _lead(premise) < 0 else None


def _lead(reading: Reading) -> float:
    point = reading.finding.operating_point
    return reading.logit - math.log(point / (1 - point))
