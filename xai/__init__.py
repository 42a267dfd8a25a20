"""Evidence maps that add up: what a chest X-ray classifier finds on a film, and where its evidence lies.

>>> from xai import load, explain
>>> explanation = explain(load("guided"), "film.png")
>>> explanation.readings["cardiomegaly"].evidence.sum()   # + bias == logit, in log-odds
"""

from xai.errors import FilmError, WeightsError
from xai.explain import Explanation, Reading, explain
from xai.radiograph import Radiograph, read
from xai.weights import load

__all__ = ["Explanation", "FilmError", "Radiograph", "Reading", "WeightsError", "explain", "load", "read"]
