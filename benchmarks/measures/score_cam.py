"""Score-CAM beside pytorch-grad-cam's: the same network, films and cores, in turn; and what fewer channels lose.

The peer runs our own weights in torchvision's InceptionV3, cut and spread as ours is, and looks through all 768
channels. What a visitor gets here looks through those that vary most. Ours with all channels looks through those that
vary at all, and once for the rest: the same map as with a look for each. The peer spreads its masks from corner to
corner of the canvas, ours lie where the cells do; spread as the peer does, ours give its map.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

import xai
from benchmarks import films
from benchmarks.measures.peers import environment
from benchmarks.result import Figure, Result, interleave, summary
from benchmarks.server import Contestant
from benchmarks.settings import ROOT, Settings
from xai.foremost import foremost
from xai.lab.correlation import spearman
from xai.lab.subject import Subject
from xai.methods import METHODS
from xai.methods.score_cam import CHANNELS

FILMS, TARGET = 8, 5
MODEL = "guided"
FEW, ALL = "score-cam", "score-cam-all"
OURS, THEIRS = "ours", "theirs"


def write_network(folder: Path, settings: Settings) -> None:
    """The checkpoint's weights for :mod:`benchmarks.peers.pytorch_score_cam`."""
    from training.backbone import convolutions
    from xai.restore import restore

    model = restore(xai.load(MODEL, settings.weights))
    kernel, bias = model.get_layer("head").get_weights()
    arrays = {"kernel": kernel, "bias": bias, "spread": model.get_layer("around").pool_size[0]}
    for index, layer in enumerate(convolutions(model)):
        arrays[f"{index:02}/kernel"], arrays[f"{index:02}/bias"] = layer.get_weights()
    np.savez(folder / "network.npz", **arrays)


def write_films(folder: Path, settings: Settings, count: int) -> list[tuple[Subject, str]]:
    """The films for both sides, each with its foremost finding."""
    classifier = xai.load(MODEL, settings.weights, settings.threads)
    chosen = []
    for index, path in enumerate(films.paths(settings.films, count, folder)):
        explanation = xai.explain(classifier, path)
        subject, finding = Subject.of(classifier, explanation), foremost(explanation)
        chosen.append((subject, finding))
        np.savez(
            folder / f"film-{index:03}.npz",
            pixels=explanation.radiograph.pixels,
            canvas=subject.on_canvas(subject.film),
            finding=finding,
            column=subject.names.index(finding),
        )
    return chosen


def agreement(maps: list[np.ndarray], others: list[np.ndarray]) -> dict[str, float]:
    """Of two lists of ``(h, w)`` maps: rank correlation, median and lowest, and share with the same hottest cell."""
    ranks = [spearman(one, other) for one, other in zip(maps, others, strict=True)]
    pointing = [one.argmax() == other.argmax() for one, other in zip(maps, others, strict=True)]
    return {"median": float(np.median(ranks)), "lowest": float(min(ranks)), "hottest": float(np.mean(pointing))}


def corner_to_corner(subject: Subject) -> Subject:
    """With the outermost cells' centres on the canvas's outermost pixels, as the peer spreads its masks."""
    where, extent = subject.where, []
    for cells, start, pixels in zip(subject.grid, (where.top, where.left), (where.height, where.width)):
        pitch = (where.size - 1) / (cells - 1)
        first = (1 - pitch) / 2 - start
        extent.append((first / pixels, (first + cells * pitch) / pixels))
    (y0, y1), (x0, x1) = extent
    return replace(subject, explanation=replace(subject.explanation, extent=(x0, y0, x1, y1)))


def start(folder: Path, settings: Settings, errors: dict[str, str]) -> dict[str, Contestant]:
    """Both sides, ready; where the peer cannot be had, ``errors`` says why."""
    threads = str(settings.threads)
    weights = str(settings.weights.absolute()) if settings.weights else ""

    def contestant(side: str, python: Path | str, module: str, *more: str) -> Contestant:
        return Contestant(
            python, f"benchmarks.peers.{module}", [str(folder), threads, *more], ROOT, folder / f"{side}.log"
        )

    contestants = {OURS: contestant(OURS, sys.executable, "our_score_cam", weights)}
    try:
        contestants[THEIRS] = contestant(THEIRS, environment(settings.peers), "pytorch_score_cam")
    except (RuntimeError, OSError) as error:
        errors[THEIRS] = str(error)
    return contestants


def race(contestants: dict[str, Contestant], count: int) -> dict[str, list[float]]:
    """Seconds per map: every contestant draws every film, film by film, in turn forwards and backwards."""
    jobs = {FEW: (OURS, f"{FEW} "), ALL: (OURS, f"{ALL} "), THEIRS: (THEIRS, "")}
    samples: dict[str, list[float]] = {}
    for index in range(count):
        calls = {
            name: partial(contestants[side].run, f"{job}{index}")
            for name, (side, job) in jobs.items()
            if side in contestants
        }
        turn = calls if index % 2 == 0 else dict(reversed(calls.items()))
        for name, (milliseconds,) in interleave(turn, 1).items():
            samples.setdefault(name, []).append(milliseconds / 1e3)
    return samples


def run(settings: Settings) -> Result:
    """Medians over the films, how many times faster we are, and how well the maps agree."""
    result = Result(raw={"real": settings.films is not None})
    count = 1 if settings.quick else FILMS  # the peer alone takes a minute per film
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_network(folder, settings)
        chosen = write_films(folder, settings, count)
        contestants = start(folder, settings, result.errors)
        try:
            samples = race(contestants, count)
        finally:
            for contestant in contestants.values():
                contestant.close()
        maps = {key: [np.load(folder / f"{key}-{index}.npy") for index in range(count)] for key in samples}
    features = [subject.features for subject, _ in chosen]
    channels = features[0].shape[-1]
    varying = [int((each.max((0, 1)) > each.min((0, 1))).sum()) for each in features]
    seconds = {key: summary(values) for key, values in samples.items()}
    few, every = seconds[FEW]["median"], seconds[ALL]["median"]
    theirs = seconds[THEIRS]["median"] if THEIRS in seconds else float("nan")
    loss = agreement(maps[FEW], maps[ALL])
    result.raw |= {"seconds": seconds, "varying_channels": varying, "few_against_all": loss}
    result.figures = [
        Figure(f"pytorch-grad-cam, {channels} channels", theirs, "s"),
        Figure(f"ours, the {CHANNELS} channels that vary most", few, "s"),
        Figure(f"ours, all {channels} channels", every, "s"),
        Figure("channels that vary on a film, median", float(np.median(varying))),
        Figure.at_least(f"pytorch-grad-cam / ours, {CHANNELS} channels", theirs / few, TARGET, "×"),
        Figure("pytorch-grad-cam / ours, all channels", theirs / every, "×"),
        Figure(f"{CHANNELS} channels against all: rank correlation, median", loss["median"]),
        Figure(f"{CHANNELS} channels against all: rank correlation, lowest", loss["lowest"]),
        Figure(f"{CHANNELS} channels against all: share of films with the same hottest cell", loss["hottest"]),
    ]
    if THEIRS in contestants:
        compare(result, chosen, maps, contestants[THEIRS].about)
    return result


def compare(result: Result, chosen: list[tuple[Subject, str]], maps: dict[str, list[np.ndarray]], about: dict) -> None:
    """Add how well our maps agree with the peer's, and our network with its copy."""
    result.raw["versions"] = about["versions"]
    served = result.raw["all_against_theirs"] = agreement(maps[ALL], maps[THEIRS])
    spread = [METHODS[ALL].map(corner_to_corner(subject), finding) for subject, finding in chosen]
    same = result.raw["spread_as_theirs_against_theirs"] = agreement(spread, maps[THEIRS])
    gap = np.abs(np.array(about["logits"]) - [subject.logits for subject, _ in chosen]).max()
    result.figures += [
        Figure.at_most("pytorch-grad-cam's network: largest difference of a logit to ours", gap, 1e-3),
        Figure.at_least("all, masks spread as its are: rank correlation to its map, lowest", same["lowest"], 0.999),
        Figure("all, as served: rank correlation to its map, median", served["median"]),
    ]
