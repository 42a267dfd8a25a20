"""Evidence maps in closed form: what every cell of the last feature map adds to, or takes from, a finding's logit.

With average pooling and one linear layer after the feature map ``A``, the logit is a sum over cells::

    z_c = b_c + Σ_hw E_c[h, w],     E_c[h, w] = (1 / HW) Σ_k A[h, w, k] · W[k, c]

``E_c`` is signed, in log-odds, and complete. The gradient of ``z_c`` with respect to ``A`` is the constant
``W[k, c] / HW``, so on this head HiResCAM (Draelos & Carin 2020) is ``E_c`` itself, Grad-CAM (Selvaraju et al. 2017)
is ``ReLU(E_c)`` and CAM (Zhou et al. 2016) is ``HW · E_c``.
"""

from __future__ import annotations

import numpy as np


def evidence(features: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Signed evidence of every cell for every finding.

    Args:
        features: ``(h, w, k)`` or ``(B, h, w, k)`` activations of the last feature map.
        kernel: ``(k, c)`` weights of the linear layer.

    Returns:
        ``(…, h, w, c)`` float32, in log-odds.
    """
    h, w, k = features.shape[-3:]
    flat = features.reshape(-1, k) @ (kernel / np.float32(h * w))
    return flat.reshape(*features.shape[:-1], kernel.shape[1])


def logit(evidence_map: np.ndarray, bias: float) -> float:
    """The logit that an ``(h, w)`` map adds up to, summed in float64."""
    return float(bias) + float(evidence_map.sum(dtype=np.float64))


def grad_cam(evidence_map: np.ndarray) -> np.ndarray:
    """Grad-CAM of this head, kept in log-odds: the positive part of the evidence."""
    return np.maximum(evidence_map, 0)


def sides(evidence_map: np.ndarray) -> tuple[float, float]:
    """Total evidence for (≥ 0) and against (≤ 0) a finding, in log-odds."""
    return (
        float(np.maximum(evidence_map, 0).sum(dtype=np.float64)),
        float(np.minimum(evidence_map, 0).sum(dtype=np.float64)),
    )


def against_reference(evidence_map: np.ndarray, bias: float, reference: np.ndarray) -> tuple[np.ndarray, float]:
    """What this film has that a typical normal film has not; the logit stays the same.

    Args:
        evidence_map: ``(h, w)`` evidence of the film.
        bias: of the finding.
        reference: ``(h, w)`` mean evidence of normal training films of the finding's population.

    Returns:
        ``E − E_ref`` and its bias ``b + Σ E_ref``, which is the logit of the typical normal film.
    """
    return evidence_map - reference, logit(reference, bias)


def probability(logit_value: float) -> float:
    """The logistic function, safe for any finite logit."""
    if logit_value >= 0:
        return float(1 / (1 + np.exp(-logit_value)))
    odds = np.exp(logit_value)
    return float(odds / (1 + odds))
