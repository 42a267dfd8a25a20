"""The head alone: fitted before the fine-tuning, settled, and fitted once more after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from scipy.special import expit
from tqdm import tqdm

from training import augment, contrasts
from training.contrasts import Pairs
from training.data import ADULT, CHILD, FINDINGS, Film, targets
from training.model import EvidenceModel, classification_loss

# For settling: how many films, and the ridge beside their mean square feature.
SETTLING_FILMS, RIDGE = 3000, 1e-2
# Copies of every film, framed at random, that the last fit sees beside the film as it is: of adults there are few films.
FRAMED = {"adult": 2, "child": 1}
# A head that has learnt to tell pairs apart points elsewhere, so they are made anew from its maps, and told apart with
# the first ones.
ROUNDS = 2
OWN = {"adult": ADULT, "child": CHILD}


@dataclass(frozen=True)
class Fitted:
    """How :func:`refit` is held.

    Attributes:
        anchor: population → strength of the ridge around the kernel, beside the mean square feature; a population that
            is not named keeps its kernel.
        hidden, pointed: how much the pairs of :mod:`training.contrasts` weigh, as a share of the films' weight.
    """

    anchor: dict[str, float]
    hidden: float = 0.0
    pointed: float = 0.0


def pooled_features(
    model: EvidenceModel,
    films: list[Film],
    pixels: list[np.ndarray],
    size: int,
    rng: np.random.Generator | None = None,
) -> np.ndarray:
    """The backbone's features of films averaged over the grid, ``(n, k)``: as they are, or with ``rng`` framed at random."""

    def canvas(grey: np.ndarray, film: Film) -> np.ndarray:
        if rng is None:
            return augment.sample(grey, film, size, 1, None)[0]
        return augment.sample(augment.reframed(grey, rng), film, size, 1, rng, flip=0.5)[0]

    pool = keras.Model(model.input, keras.ops.mean(model.get_layer("head").input, axis=(1, 2)))
    pooled = []
    for i in tqdm(range(0, len(films), 32), desc="features for the head", mininterval=10):
        batch = [canvas(p, f) for p, f in zip(pixels[i : i + 32], films[i : i + 32])]
        pooled.append(pool.predict_on_batch(np.stack(batch)))
    return np.concatenate(pooled)


def probe(model: EvidenceModel, films: list[Film], pixels: list[np.ndarray], size: int) -> None:
    """Fit the head alone on the backbone's features, before both are fine-tuned together.

    Fine-tuning from an untrained head first bends the features towards noise (Kumar et al. 2022, LP-FT).
    """
    pooled = pooled_features(model, films, pixels, size)
    mean, deviation = pooled.mean(0), pooled.std(0) + 1e-3
    label, mask = targets(films)
    inputs = keras.Input((pooled.shape[1],))
    dense = keras.layers.Dense(
        label.shape[1], kernel_initializer="zeros", kernel_regularizer=keras.regularizers.L2(3e-4)
    )
    linear = keras.Model(inputs, dense(inputs))
    linear.compile(
        optimizer=keras.optimizers.Adam(0.003),
        loss=lambda y, z: classification_loss(z, y[:, : label.shape[1]], y[:, label.shape[1] :]),
        jit_compile=False,
    )
    linear.fit((pooled - mean) / deviation, np.hstack([label, mask]), batch_size=256, epochs=60, verbose=0)
    kernel, bias = (np.asarray(w) for w in dense.get_weights())
    kernel = kernel / deviation[:, None]
    model.get_layer("head").set_weights([kernel, bias - mean @ kernel])


def settle(model: EvidenceModel, prior: np.ndarray, films: list[Film], pixels: list[np.ndarray], size: int) -> float:
    """Give the head the bias ``prior`` ``(findings,)`` and the smallest kernel that still says what it said.

    The probe leans on features that hardly vary, with large weights that cancel over the film but not in a cell, and it
    balances an arbitrary bias by an even layer of evidence. Ridge regression onto the head's own logits undoes both.

    Returns:
        How far the logits moved: the root mean square over films and findings, in log-odds.
    """
    rows = np.random.default_rng(0).permutation(len(films))[:SETTLING_FILMS]
    pooled = pooled_features(model, [films[i] for i in rows], [pixels[i] for i in rows], size).astype(np.float64)
    kernel, bias = (np.asarray(w) for w in model.get_layer("head").get_weights())
    logits = pooled @ kernel + bias
    gram = pooled.T @ pooled
    ridge = RIDGE * np.trace(gram) / len(gram) * np.eye(len(gram))
    kernel = np.linalg.solve(gram + ridge, pooled.T @ (logits - prior))
    model.get_layer("head").set_weights([kernel, prior])
    return float(np.sqrt(np.mean((pooled @ kernel + prior - logits) ** 2)))


def refit(model: EvidenceModel, how: Fitted, films: list[Film], pixels: list[np.ndarray], size: int) -> None:
    """Fit the kernel once more on the final features, near where it is: logistic regression, its ridge around it.

    Steps that suit the convolutions hardly move a kernel of this size (its features are small), so that training leaves
    the head behind the features. What is fitted to films as they are learns how they were cut, too: Kermany's normal
    films and those with pneumonia were framed differently; so they are framed at random as well. What is fitted to whole
    films may point at one place and draw on another: so pairs within films are fitted with them.

    Args:
        how: how strongly each of this counts.
        films, pixels: to learn from.
        size: side of the canvas.
    """
    rng = np.random.default_rng(0)
    kernel, bias = (np.asarray(w, np.float64) for w in model.get_layer("head").get_weights())
    seen = {}
    for population in how.anchor:
        own = [i for i, film in enumerate(films) if film.population == population]
        chosen = [films[i] for i in own]
        drawn = [
            pooled_features(model, chosen, [pixels[i] for i in own], size, source)
            for source in (None, *[rng] * FRAMED[population])
        ]
        label, mask = (np.tile(part, (len(drawn), 1)) for part in targets(chosen))
        seen[population] = np.concatenate(drawn).astype(np.float64), label, mask

    def fitted(pairs: dict[str, list[Pairs]]) -> np.ndarray:
        new = kernel.copy()
        for population, (pooled, label, mask) in seen.items():
            columns = [FINDINGS.index(name) for name in OWN[population]]
            new[:, columns] = anchored_fit(
                pooled,
                label[:, columns],
                mask[:, columns],
                kernel[:, columns],
                bias[columns],
                how.anchor[population],
                [pairs.get(name, []) for name in OWN[population]],
            )
        return new

    new = fitted({})
    if how.hidden or how.pointed:
        features = keras.Model(model.input, model.get_layer("head").input).predict_on_batch
        told: dict[str, list[Pairs]] = {}
        for _ in range(ROUNDS):
            shares = how.hidden / ROUNDS, how.pointed / ROUNDS
            for name, more in contrasts.pairs(features, new, films, pixels, size, *shares).items():
                told[name] = told.get(name, []) + more
            new = fitted(told)
    model.get_layer("head").set_weights([new, bias])


def anchored_fit(
    pooled, label, mask, kernel, bias, anchor: float, pairs: Sequence[Sequence[Pairs]] | None = None, rounds: int = 15
) -> np.ndarray:
    """The kernel that minimises each finding's cross-entropy plus a ridge around the kernel given, by Newton's method.

    Args:
        pooled: ``(n, k)`` float64.
        label, mask: ``(n, c)``; a finding that nothing is known of keeps its kernel.
        kernel, bias: ``(k, c)`` and ``(c,)``; the bias stays.
        anchor: strength of the ridge beside the mean square feature.
        pairs: of each finding, to be told apart beside the films.
    """
    fitted = kernel.copy()
    for column in range(kernel.shape[1]):
        known = mask[:, column] > 0
        if not known.any():
            continue
        start, films = kernel[:, column], pooled[known]
        ridge = anchor * (films**2).sum() / films.shape[1]
        sets = [one for one in (pairs[column] if pairs else ()) if len(one.rows)]
        x = np.concatenate([films, *(one.rows for one in sets)])
        paired = len(x) - len(films)
        y = np.concatenate([label[known, column], np.ones(paired)])
        offset = np.concatenate([np.full(len(films), bias[column]), np.zeros(paired)])
        shares = [np.full(len(one.rows), one.share * len(films) / len(one.rows)) for one in sets]
        weight = np.concatenate([np.ones(len(films)), *shares])
        fitted[:, column] = _newton(x, y, offset, weight, start, ridge, rounds)
    return fitted


def _newton(x, y, offset, weight, start, ridge: float, rounds: int) -> np.ndarray:
    """Weighted logistic regression of ``y`` on ``x`` with a fixed offset, its ridge around ``start``: the kernel."""

    def cost(at: np.ndarray) -> float:
        z = x @ at + offset
        return float((weight * (np.logaddexp(0, z) - y * z)).sum() + ridge / 2 * ((at - start) ** 2).sum())

    kernel = start.copy()
    for _ in range(rounds):
        p = expit(x @ kernel + offset)
        hessian = (x * (weight * p * (1 - p))[:, None]).T @ x + ridge * np.eye(len(kernel))
        step = np.linalg.solve(hessian, x.T @ (weight * (p - y)) + ridge * (kernel - start))
        # Where the films are nearly told apart, a full step overshoots: halve it until it helps.
        while cost(kernel - step) > cost(kernel) and np.abs(step).max() > 1e-9:
            step /= 2
        kernel -= step
    return kernel
