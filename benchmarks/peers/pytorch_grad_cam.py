"""pytorch-grad-cam (PyPI ``grad-cam``) on torchvision's InceptionV3, layer ``Mixed_7c``."""

from __future__ import annotations

import torch

from benchmarks.peers.picture import CLASS, about, arguments
from benchmarks.server import serve


def declare_missing_operators() -> None:
    """Let torchvision be imported where its operators do not load.

    PyPI's torchvision is linked against CUDA. Beside a CPU-only torch it finds no operators, and its import stops at
    two of them. InceptionV3 uses neither, so declaring them is enough.
    """
    try:
        import torchvision  # noqa: F401
    except RuntimeError:
        for name in ("nms", "qnms"):
            torch.library.define(f"torchvision::{name}", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")


def load(given: list[str]):
    """See :func:`benchmarks.server.serve`."""
    picture, threads = arguments(given)
    torch.set_num_threads(threads)
    torch.manual_seed(2)
    declare_missing_operators()
    import torchvision
    from pytorch_grad_cam import GradCAM
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    model = torchvision.models.inception_v3(weights=None, init_weights=False, aux_logits=False).eval()
    cam = GradCAM(model=model, target_layers=[model.Mixed_7c])
    film = torch.from_numpy(picture.transpose(2, 0, 1)[None].copy())

    def call(_job: str = ""):
        return cam(input_tensor=film, targets=[ClassifierOutputTarget(CLASS)])

    return about(call(), "grad-cam", "torch", "torchvision"), call


if __name__ == "__main__":
    serve(load)
