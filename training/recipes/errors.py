"""The way in which a recipe can be asked for wrongly."""

from __future__ import annotations

from xai.errors import Mendable


class RecipeError(Mendable):
    """An unknown recipe, or a run that cannot go on or be read. The message is one sentence that names the mend."""
