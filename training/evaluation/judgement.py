"""One finding's labels beside a predictor's readings, and the figures of merit that follow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit
from sklearn.metrics import average_precision_score

from training.abstention import outside
from training.data import ADULT, FINDINGS, Film, targets
from training.evaluation.predictor import Predictor
from training.metrics import auc, balanced_error, calibration_error, interval, resamples, unanimous


@dataclass(frozen=True)
class Judgement:
    """The films that are labelled for one finding.

    Attributes:
        name: of the finding.
        rows: of these films in their collection, ``(n,)``.
        label: ``(n,)``, 0 or 1; both occur.
        logit: ``(n,)``.
        patients: ``(n,)`` identifiers.
        normal: ``(n,)`` bool, published as showing nothing.
        threshold: the operating point, on the probability.
        unsure: ``(low, high)`` probabilities, or None where the predictor always commits itself.
    """

    name: str
    rows: np.ndarray
    label: np.ndarray
    logit: np.ndarray
    patients: np.ndarray
    normal: np.ndarray
    threshold: float
    unsure: tuple[float, float] | None

    @property
    def probability(self) -> np.ndarray:
        """``(n,)`` in [0, 1]."""
        return expit(self.logit)

    @property
    def above(self) -> np.ndarray:
        """``(n,)`` bool: whether each film reaches the operating point."""
        return self.probability >= self.threshold


def judge(predictor: Predictor, films: list[Film], logits: np.ndarray) -> dict[str, Judgement]:
    """Every finding of the predictor that some film has and some film has not, in the order of ``FINDINGS``.

    Args:
        predictor: whose thresholds are applied as they are.
        films: that were read.
        logits: ``(films, findings of the predictor)``.
    """
    labels, masks = targets(films)
    patients, normal = np.array([f.patient for f in films]), np.array([f.normal for f in films])
    judged = {}
    for column, name in enumerate(FINDINGS):
        rows = np.flatnonzero(masks[:, column])
        if name not in predictor.findings or len(np.unique(labels[rows, column])) < 2:
            continue
        judged[name] = Judgement(
            name,
            rows,
            labels[rows, column].astype(int),
            logits[rows, predictor.findings.index(name)].astype(float),
            patients[rows],
            normal[rows],
            predictor.thresholds[name],
            predictor.unsure.get(name),
        )
    return judged


def counts(label: np.ndarray, above: np.ndarray) -> dict[str, int]:
    """The confusion matrix at an operating point."""
    label = label > 0.5
    return {
        "true_positive": int((label & above).sum()),
        "false_negative": int((label & ~above).sum()),
        "false_positive": int((~label & above).sum()),
        "true_negative": int((~label & ~above).sum()),
    }


def rates(label: np.ndarray, above: np.ndarray) -> dict[str, float]:
    """Accuracy, sensitivity, specificity, precision and F1 at an operating point; NaN where nothing is counted."""
    tp, fn, fp, tn = counts(label, above).values()

    def share(part: float, whole: float) -> float:
        return part / whole if whole else float("nan")

    return {
        "accuracy": share(tp + tn, len(label)),
        "sensitivity": share(tp, tp + fn),
        "specificity": share(tn, tn + fp),
        "precision": share(tp, tp + fp),
        "f1": share(2 * tp, 2 * tp + fp + fn),
    }


def figures(judgement: Judgement) -> dict:
    """The entry of one finding in ``report.json``; every interval is 95 %, from resampled patients."""
    y, z, p, who = judgement.label, judgement.logit, judgement.probability, judgement.patients
    entry = {
        "films": len(y),
        "positive": int(y.sum()),
        "auc": auc(y, z),
        "auc_interval": interval(auc, who, y, z),
        "average_precision": float(average_precision_score(y, z)),
        "average_precision_interval": interval(_average_precision, who, y, z, rounds=300),
        "operating_point": judgement.threshold,
        **counts(y, judgement.above),
    }
    of = {"accuracy": y >= 0, "sensitivity": y > 0.5, "specificity": y < 0.5, "precision": judgement.above}
    drawn = [list(rates(y[rows], judgement.above[rows]).values()) for rows in resamples(who)]
    for (key, value), values in zip(rates(y, judgement.above).items(), np.array(drawn).T):
        counted = values[np.isfinite(values)]
        limits = np.percentile(counted, (2.5, 97.5)).tolist() if len(counted) else None
        if key in of and value in (0, 1):
            limits = unanimous(value, who[of[key]])
        entry[key], entry[f"{key}_interval"] = value, limits
    entry |= {"ece": calibration_error(y, p), "brier": float(((p - y) ** 2).mean())}
    entry["balanced_error"] = balanced_error(y, judgement.above)
    if judgement.unsure:
        kept = outside(p, judgement.unsure)
        entry |= {
            "unsure": judgement.unsure,
            "share_unsure": float(1 - kept.mean()),
            "error_rate_outside_unsure": 1 - rates(y[kept], judgement.above[kept])["accuracy"],
            "balanced_error_outside_unsure": balanced_error(y[kept], judgement.above[kept]),
        }
    if judgement.name in ADULT and judgement.normal.any():
        some = (y > 0.5) | judgement.normal
        entry["auc_against_no_finding"] = auc(y[some], z[some])
        entry["auc_against_no_finding_interval"] = interval(auc, who[some], y[some], z[some])
    return entry


def _average_precision(label: np.ndarray, score: np.ndarray) -> float:
    return float(average_precision_score(label, score)) if label.any() else float("nan")
