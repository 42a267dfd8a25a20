"""Goes through all films of one checkpoint, and remembers every film that it has done."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

import xai
from training.data import Film
from training.maps import measure
from training.maps.baselines import BASELINES
from training.maps.cases import SAMPLED, SAMPLED_DEAR, TRUE_POSITIVES, Case, boxed, sampled
from training.maps.twins import twins
from xai.classifier import Classifier
from xai.lab.meter import meter
from xai.lab.regions import hottest
from xai.lab.subject import Subject
from xai.localisation import against_boxes
from xai.methods import CLOSED_FORMS, METHODS, Method
from xai.methods.trial import draw

# Left out: HiResCAM, which is the evidence, and Score-CAM by all channels, which its choice of channels stands for
# (`python -m benchmarks score_cam`).
SURVEYED = {key: method for key, method in METHODS.items() if key not in ("hires-cam", "score-cam-all")}
# What shows the model more films than this for one map (RISE) has a smaller sample.
DEAR = 500
CONTROLS = 20

T = TypeVar("T")


class Records:
    """What has been measured, one JSON object per case or film in a file that grows.

    A broken run goes on where it stopped.
    """

    def __init__(self, path: Path, stamp: str):
        """``stamp`` says what was measured and how: records under another one are dropped."""
        self.path, self.stamp = path, stamp
        self.done: dict[str, dict] = {}
        if path.exists():
            for line in path.read_text().splitlines():
                record = json.loads(line)
                if record["stamp"] == stamp:
                    self.done[record["key"]] = record["figures"]

    def each(
        self,
        items: Iterable[T],
        kind: str,
        figures: Callable[[T], dict],
        desc: str,
        key: Callable[[T], str] = attrgetter("key"),
    ) -> dict[str, dict]:
        """The figures of every case or film, by key; those that are not there yet are taken and written down."""
        by_key = {key(item): item for item in items}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        for name, item in tqdm(by_key.items(), desc=desc, mininterval=5):
            entry = f"{kind} {name}"
            if entry not in self.done:
                self.done[entry] = figures(item)
                with open(self.path, "a") as file:
                    file.write(json.dumps({"stamp": self.stamp, "key": entry, "figures": self.done[entry]}) + "\n")
        return {name: self.done[f"{kind} {name}"] for name in by_key}


def survey(classifier: Classifier, films: list[Film], records: Records, threads: int = 0) -> dict:
    """Everything that :func:`training.maps.summary.summary` needs of one checkpoint.

    Args:
        classifier: as visitors load it.
        films: validation films, from :func:`training.data.split`.
        records: of this checkpoint.
        threads: for one forward pass of the shuffled twins; 0 lets ONNX Runtime choose.
    """
    findings = classifier.findings
    last: dict[Path, Subject] = {}

    def subject(film: Film) -> Subject:
        if film.path not in last:
            last.clear()
            last[film.path] = Subject.of(classifier, xai.explain(classifier, film.path))
        return last[film.path]

    def read(film: Film) -> dict:
        explanation = subject(film).explanation
        own = {name: r for name, r in explanation.readings.items() if findings[name].population == film.population}
        return {
            name: {
                "probability": reading.probability,
                "meter": meter(reading.evidence, explanation.extent).to_dict(),
                "any": bool((reading.evidence > 0).any()),
            }
            for name, reading in own.items()
        }

    def placed(case: Case) -> dict:
        on = subject(case.film)
        out = {
            key: against_boxes(method.map(on, case.finding), on.explanation.extent, case.boxes)
            for key, method in {**cheap, **BASELINES}.items()
        }
        return out | {"random": measure.chance_against_boxes(on, case)}

    def whole(methods: dict[str, Method], case: Case) -> dict:
        on = subject(case.film)
        drawn = {key: draw(method, on, case.finding) for key, method in methods.items()}
        figures = measure.whole(on, case, {key: heat for key, (heat, _, _) in drawn.items()}, shuffled)
        for key, (heat, shown, seconds) in drawn.items():
            figures[key] |= {"passes": shown, "seconds": seconds}
            if key not in CLOSED_FORMS and key not in BASELINES:
                figures[key]["boxes"] = against_boxes(heat, on.explanation.extent, case.boxes)
        return figures

    def hidden(case: Case) -> dict:
        on = subject(case.film)
        heat = on.explanation.readings[case.finding].evidence
        return measure.hiding(hottest(on, heat, measure.HIDDEN), on, case.finding, CONTROLS)

    cheap = {key: method for key, method in SURVEYED.items() if key in CLOSED_FORMS}
    gradients = {key: method for key, method in SURVEYED.items() if method.gradients}
    dear = {key: method for key, method in SURVEYED.items() if method.films > DEAR}
    forwards = {key: method for key, method in SURVEYED.items() if key not in gradients | dear}
    cases = boxed(films, list(findings))
    name = classifier.name
    readings = records.each(films, "read", read, f"{name}: all films", key=lambda film: film.path.name)
    true = [
        Case(film, finding)
        for film in films
        for finding, present in film.labels.items()
        if present and readings[film.path.name][finding]["probability"] >= findings[finding].operating_point
    ]
    positive = sampled(true, TRUE_POSITIVES)
    shuffled = twins(classifier, threads=threads)
    sample: dict[str, dict] = {}
    # Measured apart, so that films that were done without the dearer ones count.
    for kind, methods, each in (
        ("whole", {**forwards, **BASELINES}, SAMPLED),
        ("gradients", gradients, SAMPLED),
        ("dear", dear, SAMPLED_DEAR),
    ):
        found = records.each(sampled(cases, each), kind, partial(whole, methods), f"{name}: sample, {kind}")
        for key, figures in found.items():
            sample[key] = sample.get(key, {}) | figures
    return {
        "readings": readings,
        "boxed": cases,
        "placed": records.each(cases, "placed", placed, f"{name}: boxes"),
        "sample": sample,
        "positive": positive,
        "hidden": records.each(positive, "hidden", hidden, f"{name}: true positives"),
    }
