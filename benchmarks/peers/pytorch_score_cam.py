"""Score-CAM of pytorch-grad-cam (PyPI ``grad-cam``) on our own network: ``folder threads``, a job per film.

In the folder: ``network.npz`` with ``kernel`` ``(k, c)`` and ``bias`` ``(c,)`` of the head, the side ``spread`` of the
neighbourhood that a cell is averaged with and, in the order of the convolutions, ``NN/kernel`` ``(h, w, in, out)`` and
``NN/bias``; and ``film-….npz`` with ``canvas`` ``(size, size)`` and the ``column`` of the finding. A job leaves its map on
the evidence grid in ``theirs-….npy``.
"""

from __future__ import annotations

import importlib.metadata
from collections import OrderedDict
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from torch.nn import functional

from benchmarks.peers.pytorch_grad_cam import declare_missing_operators
from benchmarks.server import serve

LAST, SPREAD = "Mixed_6e", "spread"  # Keras calls the first mixed7


class Spread(torch.nn.Module):
    """Every cell averaged half and half with the ``side × side`` cells around it, as far as there are any."""

    def __init__(self, side: int):
        super().__init__()
        self.around = torch.nn.AvgPool2d(side, 1, side // 2, count_include_pad=False)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return (features + self.around(features)) / 2


def network(arrays: dict[str, np.ndarray]) -> torch.nn.Sequential:
    """``(B, 1, size, size)`` → logits ``(B, c)``: torchvision's InceptionV3 up to :data:`LAST`, spread, our weights."""
    declare_missing_operators()
    from torchvision.models import inception

    # Ours leaves the padding out of the averages beside it.
    average = partial(functional.avg_pool2d, count_include_pad=False)
    inception.F = SimpleNamespace(**vars(functional) | {"avg_pool2d": average})
    layers: OrderedDict[str, torch.nn.Module] = OrderedDict()
    for name, layer in inception.Inception3(init_weights=False, aux_logits=False).named_children():
        layers[name] = layer
        if name == LAST:
            break
    convolutions = [
        layer for whole in layers.values() for layer in whole.modules() if isinstance(layer, inception.BasicConv2d)
    ]
    for index, layer in enumerate(convolutions):
        kernel, bias = (torch.from_numpy(arrays[f"{index:02}/{part}"]) for part in ("kernel", "bias"))
        kernel = kernel.permute(3, 2, 0, 1).contiguous()
        place = layer.conv
        # The norm is folded into the convolution, as in ours.
        layer.conv = torch.nn.Conv2d(kernel.shape[1], kernel.shape[0], kernel.shape[2:], place.stride, place.padding)
        layer.conv.load_state_dict({"weight": kernel, "bias": bias})
        layer.bn = torch.nn.Identity()
    head = torch.nn.Linear(*arrays["kernel"].shape)
    head.load_state_dict({"weight": torch.from_numpy(arrays["kernel"].T), "bias": torch.from_numpy(arrays["bias"])})
    pooled = {"pool": torch.nn.AdaptiveAvgPool2d(1), "flat": torch.nn.Flatten(), "head": head}
    return torch.nn.Sequential(layers | {SPREAD: Spread(int(arrays["spread"]))} | pooled)


def load(given: list[str]):
    """See :func:`benchmarks.server.serve`."""
    folder, threads = Path(given[0]), int(given[1])
    torch.set_num_threads(threads)
    with np.load(folder / "network.npz", allow_pickle=False) as arrays:
        model = network(dict(arrays)).eval()
    from pytorch_grad_cam import ScoreCAM
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    class Kept(ScoreCAM):
        """Keeps the map as it is before it is scaled and spread over the film."""

        def get_cam_image(self, *arguments) -> np.ndarray:
            self.grid = super().get_cam_image(*arguments)
            return self.grid

    cam = Kept(model=model, target_layers=[model.get_submodule(SPREAD)])
    films = []
    for path in sorted(folder.glob("film-*.npz")):
        with np.load(path, allow_pickle=False) as film:
            films.append((torch.from_numpy(film["canvas"])[None, None], int(film["column"])))
    with torch.no_grad():
        logits = [model(canvas)[0].tolist() for canvas, _ in films]

    def call(job: str) -> None:
        index = int(job)
        canvas, column = films[index]
        cam(input_tensor=canvas, targets=[ClassifierOutputTarget(column)])
        np.save(folder / f"theirs-{index}.npy", np.maximum(cam.grid[0], 0))

    versions = {name: importlib.metadata.version(name) for name in ("grad-cam", "torch", "torchvision")}
    return {"versions": versions, "logits": logits}, call


if __name__ == "__main__":
    serve(load)
