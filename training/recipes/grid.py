"""Where the cells of a network's feature map lie on its canvas, from the strides and paddings of its layers."""

from __future__ import annotations

from dataclasses import dataclass

import keras

from xai.geometry import Placement


@dataclass(frozen=True)
class Grid:
    """A square feature map on a canvas, in canvas pixels.

    Attributes:
        first: centre of the first cell's receptive field.
        step: from one cell to the next.
        cells: along a side.
    """

    first: float
    step: int
    cells: int

    @property
    def start(self) -> float:
        """Where the first cell begins."""
        return self.first - self.step / 2

    def extent(self, where: Placement) -> tuple[float, float, float, float]:
        """``(x0, y0, x1, y1)`` of the grid, as fractions of the width and height of a film that lies at ``where``."""
        end = self.start + self.step * self.cells
        return (*where.to_film(self.start, self.start), *where.to_film(end, end))


def of(model: keras.Model) -> Grid:
    """The grid of a flat model's output, ``(B, size, size, channels)`` → ``(B, cells, cells, k)``.

    Branches that meet again are taken to be aligned, as they are in all published networks.
    """
    known = {model.input._keras_history.operation: (0.5, 1)}

    def place(operation: keras.Operation) -> tuple[float, int]:
        if operation not in known:
            source = operation.input[0] if isinstance(operation.input, list) else operation.input
            known[operation] = _after(operation, source, *place(source._keras_history.operation))
        return known[operation]

    # In order, so that no chain of calls is longer than a layer.
    for operation in model.operations:
        place(operation)
    first, step = place(model.output._keras_history.operation)
    return Grid(first, step, model.output.shape[1])


def _after(operation: keras.Operation, source: keras.KerasTensor, first: float, step: int) -> tuple[float, int]:
    """Centre of the first cell and the step, behind one layer."""
    if isinstance(operation, keras.layers.ZeroPadding2D):
        return first - step * operation.padding[0][0], step
    if isinstance(operation, keras.layers.Conv2D):
        width = operation.kernel_size[0]
    elif isinstance(operation, (keras.layers.MaxPooling2D, keras.layers.AveragePooling2D)):
        width = operation.pool_size[0]
    else:
        return first, step
    stride, size = operation.strides[0], source.shape[1]
    # Keras pads evenly, and the odd pixel goes to the end.
    padded = max(0, (-(-size // stride) - 1) * stride + width - size) if operation.padding == "same" else 0
    return first + step * ((width - 1) / 2 - padded // 2), step * stride
