"""Attribution methods side by side: one signature, a film and a finding in, a map on the evidence grid out.

``METHODS`` are those that need forward passes alone. Some of them coincide on average pooling and one linear layer:
HiResCAM is the evidence, Grad-CAM its positive part. Their modules say so, and the tests prove it. Perturbation
methods are generators: closing one stops the work. All are stateless and safe under threads.
"""

from xai.methods import (
    ablation_cam,
    eigen_cam,
    evidence,
    grad_cam,
    grad_cam_pp,
    hires_cam,
    layer_cam,
    occlusion,
    rise,
    score_cam,
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
}

# Methods that need no more than the features of the film itself.
CLOSED_FORMS = tuple(key for key, method in METHODS.items() if method.films <= 1)

__all__ = ["CLOSED_FORMS", "METHODS", "Method", "Progress"]
