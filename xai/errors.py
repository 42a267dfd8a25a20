"""The ways in which a request can fail, each with one sentence for the person who made it."""


class Mendable(ValueError):
    """What whoever asked can mend. The message is one sentence that says how."""


class FilmError(Mendable):
    """An upload that cannot be read as a radiograph."""


class RegionError(Mendable):
    """What was asked for is no region of the film."""


class MethodError(Mendable):
    """A method that cannot be had of this checkpoint, or with what is installed."""


class WeightsError(RuntimeError):
    """A checkpoint that cannot be found or trusted. The message is one sentence that names the mend."""
