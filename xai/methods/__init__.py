"""Attribution methods side by side: one signature, a film and a finding in, a map on the evidence grid out.

Some of ``METHODS`` coincide on average pooling and one linear layer: HiResCAM is the evidence, Grad-CAM its positive
part. Their modules say so, and the tests prove it. Most need forward passes alone; those that need gradients of the
whole network come last, and import TensorFlow when one is first asked for a map. Methods that look more than once are
generators: closing one stops the work. All are safe under threads.
"""

from xai.methods import (
    ablation_cam,
    eigen_cam,
    evidence,
    finer_grad_cam,
    grad_cam,
    grad_cam_pp,
    hires_cam,
    integrated_gradients,
    layer_cam,
    occlusion,
    rise,
    score_cam,
    smooth_grad,
)
from xai.methods.method import Method, Progress

METHODS: dict[str, Method] = {
    "evidence": evidence.METHOD,
    "grad-cam": grad_cam.METHOD,
    "hires-cam": hires_cam.METHOD,
    "grad-cam++": grad_cam_pp.METHOD,
    "layer-cam": layer_cam.METHOD,
    "ablation-cam": ablation_cam.METHOD,
    "eigen-cam": eigen_cam.METHOD,
    "score-cam": score_cam.METHOD,
    "score-cam-all": score_cam.METHOD_ALL,
    "occlusion": occlusion.METHOD,
    "rise": rise.METHOD,
    "integrated-gradients": integrated_gradients.METHOD,
    "smooth-grad": smooth_grad.METHOD,
    "grad-cam-finer": finer_grad_cam.METHOD,
}

# Methods that need no more than the features of the film itself.
CLOSED_FORMS = tuple(key for key, method in METHODS.items() if method.films <= 1 and not method.gradients)

__all__ = ["CLOSED_FORMS", "METHODS", "Method", "Progress"]
