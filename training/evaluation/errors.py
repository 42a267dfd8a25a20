"""The way in which an evaluation can be asked for wrongly."""

from __future__ import annotations

from xai.errors import Mendable


class EvaluationError(Mendable):
    """Films, labels or a folder that cannot be used. The message is one sentence that names the mend."""
