"""What the manifest says of a head that was calibrated, on features made up for the purpose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("keras")

from training import served
from training.data import FINDINGS
from training.export import calibrated


def test_probabilities_are_calibrated_and_the_head_given_stays(films):
    rng = np.random.default_rng(0)
    films = [
        replace(film, labels=dict.fromkeys(FINDINGS, bool(i % 2)), normal=not i % 2)
        for i, film in enumerate(films * 40)
    ]
    truth = np.array([film.labels["edema"] for film in films], float)
    # One feature that tells the films with a finding from the others, one that tells nothing.
    pooled = np.stack([truth + rng.normal(0, 1, len(films)), rng.normal(0, 1, len(films))], axis=1)
    kernel, bias = np.full((2, len(FINDINGS)), 9.0), np.full(len(FINDINGS), -3.0)  # far too sure of itself
    new, offset, findings = calibrated(kernel, bias, pooled, films)
    assert (kernel == 9).all() and (bias == -3).all()
    assert list(findings) == list(FINDINGS)
    column = FINDINGS.index("edema")
    probability = 1 / (1 + np.exp(-(pooled @ new[:, column] + offset[column])))
    assert probability.mean() == pytest.approx(truth.mean(), abs=0.02)
    # The scale is one for the kernel and the logit, so that the evidence goes on adding up.
    slope, shift = (findings["edema"]["calibration"][part] for part in ("slope", "offset"))
    np.testing.assert_allclose(new[:, column], slope * 9, rtol=1e-3)
    np.testing.assert_allclose(offset[column], slope * -3 + shift, atol=1e-3)


def test_other_files_are_another_version():
    files = {kind: {"name": f"a.{kind}", "sha256": 64 * "0", "bytes": 1} for kind in ("backbone", "head")}
    other = files | {"head": files["head"] | {"sha256": 63 * "0" + "1"}}
    assert served.version(files) == served.version({key: dict(value) for key, value in files.items()})
    assert served.version(files) != served.version(other)
    assert served.version(files).startswith(f"{served.SERIES}-")
