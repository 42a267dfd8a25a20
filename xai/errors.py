"""The two ways in which a request can fail, each with one sentence for the person who made it."""


class FilmError(ValueError):
    """An upload that cannot be read as a radiograph. The message is one sentence that names the mend."""


class WeightsError(RuntimeError):
    """A checkpoint that cannot be found or trusted. The message is one sentence that names the mend."""
