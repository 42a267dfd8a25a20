"""One film, two checkpoints: are the probabilities alike, and do they stand on the same evidence?"""

from __future__ import annotations

from dataclasses import dataclass

from xai.explain import Explanation
from xai.lab.meter import Meter, meter


@dataclass(frozen=True)
class Side:
    """What one checkpoint says of one finding.

    Attributes:
        model: name of the checkpoint.
        logit, probability: calibrated.
        meter: where its positive evidence lies.
    """

    model: str
    logit: float
    probability: float
    meter: Meter

    def to_dict(self) -> dict:
        """For JSON."""
        return {"model": self.model, "logit": self.logit, "probability": self.probability, **self.meter.to_dict()}


def compare(first: Explanation, second: Explanation) -> dict[str, tuple[Side, Side]]:
    """Two explanations of the same film by two checkpoints → both sides of every finding that both know."""
    return {name: (_side(first, name), _side(second, name)) for name in first.readings if name in second.readings}


def _side(explanation: Explanation, name: str) -> Side:
    reading = explanation.readings[name]
    return Side(explanation.model, reading.logit, reading.probability, meter(reading.evidence, explanation.extent))
