"""The gate of a checkpoint, fitted as it is served; ``python -m training.gate`` measures what the shipped ones refuse.

Fitted on training films, some of them jittered, and on drawn, photographed and composed pictures (see
:mod:`training.strangers`); the threshold is fixed on validation films alone.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from tqdm import tqdm

import xai
from training import served, strangers
from training.augment import exposure, geometry
from training.data import DATA, Film, load, read_split
from training.gate_fit import fit
from xai.classifier import Classifier
from xai.gate import parts
from xai.mirror import mirrored
from xai.weights import digest

SEED = 0
# Pictures of each kind that the gate is fitted to; the report draws others.
FITTED = 24
# Training films of each population that it is fitted to.
NORMAL_FILMS, OTHER_FILMS = 400, 400
SAMPLE_SEED = 20261121
REPORT_SEED = 1
STRESSED = 200


def sample(films: list[Film]) -> list[Film]:
    """The training films, normal and others, that stand for their population; fewer where there are not so many."""
    rng = np.random.default_rng(SAMPLE_SEED)
    chosen = []
    for population in ("adult", "child"):
        for normal, count in ((True, NORMAL_FILMS), (False, OTHER_FILMS)):
            rows = [f for f in films if f.population == population and f.normal == normal]
            chosen += [rows[i] for i in rng.permutation(len(rows))[:count]]
    return chosen


def jittered(film: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """A film ``(H, W)`` uint8 as training draws it: turned, reshaped and re-exposed, ``(size, size)`` uint8."""
    canvas = cv2.warpAffine(film, geometry(film.shape, size, rng), (size, size)).astype(np.float32) / 255
    return np.round(255 * exposure(canvas, rng)).astype(np.uint8)


def decoded(pictures: Iterable[np.ndarray]) -> list[np.ndarray]:
    """Pictures as a visitor's files are read: ``(H, W)`` uint8, normalised."""
    return [np.round(255 * xai.read(strangers.as_file(picture)).pixels).astype(np.uint8) for picture in pictures]


def fit_served(
    features: Callable[[list[np.ndarray], str], Iterable[np.ndarray]],
    size: int,
    pixels: list[np.ndarray],
    films: np.ndarray,
    adult: np.ndarray,
    held_back: np.ndarray,
    held_back_adult: np.ndarray,
) -> tuple[dict[str, np.ndarray], dict]:
    """:func:`fit` with the jittered films and the other pictures that it needs.

    Args:
        features: pictures ``(H, W)`` uint8 and a word for the progress bar → features ``(h, w, k)``, one by one.
        size: of the canvas.
        pixels: ``(H, W)`` uint8 of the training films.
        films, adult, held_back, held_back_adult: as for :func:`fit`.
    """
    rng = np.random.default_rng(SEED)
    copies = [jittered(film, size, rng) for film in pixels[::2]]
    kinds, pictures = zip(*strangers.pictures(pixels, FITTED))
    copied = np.stack([parts(f) for f in features(copies, "gate, jittered films")])
    others = np.stack([parts(f) for f in features(decoded(pictures), "gate, other pictures")])
    return fit(
        np.concatenate([films, copied]),
        np.concatenate([adult, adult[::2]]),
        others,
        list(kinds),
        held_back,
        held_back_adult,
    )


def refit(name: str, weights: Path, films: list[Film], validation: list[Film]) -> None:
    """Fit the gate of a shipped checkpoint anew, as :mod:`training.export` does, into its head and the manifest.

    Args:
        name: of the checkpoint.
        weights: folder that holds it.
        films, validation: from :func:`training.data.split`.
    """
    index, head = weights / "manifest.json", weights / f"{name}.npz"
    manifest = json.loads(index.read_text())
    size, entry = manifest["input"]["size"], manifest["models"][name]
    session = onnxruntime.InferenceSession(str(weights / entry["files"]["backbone"]["name"]))
    seen = {}
    for what, chosen in {"validation films": validation, "training films": sample(films)}.items():
        pixels = load(chosen, what)
        pictures = np.stack([parts(f) for f in served.features(session, pixels, size, f"{name}: {what}")])
        seen[what] = pictures, np.array([film.population == "adult" for film in chosen])
    arrays, entry["gate"] = fit_served(
        lambda pictures, what: served.features(session, pictures, size, f"{name}: {what}"),
        size, pixels, *seen["training films"], *seen["validation films"],
    )  # fmt: skip
    with np.load(head, allow_pickle=False) as old:
        kept = {key: old[key] for key in old if not key.startswith("gate_")}
    np.savez(head, **kept, **{f"gate_{key}": array for key, array in arrays.items()})
    entry["files"]["head"] |= {"sha256": digest(head), "bytes": head.stat().st_size}
    entry["version"] = served.version(entry["files"])
    index.write_text(json.dumps(manifest, indent=1) + "\n")


def share(refused: Iterable[bool]) -> dict:
    """``pictures`` and the share ``refused``."""
    refused = list(refused)
    return {"pictures": len(refused), "refused": round(float(np.mean(refused)), 4)}


def report(classifier: Classifier, validation: list[Film], count: int) -> dict:
    """What one shipped gate refuses: films by population, some of them mirrored and reshaped, other pictures by kind.

    Args:
        classifier: as visitors load it.
        validation: films, from :func:`training.data.split`.
        count: other pictures of each kind; the pieces of films among them are of validation films.
    """

    def refuses(picture) -> bool:
        return not xai.explain(classifier, picture).gate.chest_film

    progress = {"mininterval": 5, "unit": "picture"}
    known = [refuses(film.path) for film in tqdm(validation, desc=f"{classifier.name}: films", **progress)]
    adult = [film.population == "adult" for film in validation]
    rng = np.random.default_rng(REPORT_SEED)
    pixels = load([validation[i] for i in rng.permutation(len(validation))[:STRESSED]], "validation films")
    shapes = [(384, round(384 * wide)) for wide in rng.uniform(0.75, 1.33, len(pixels))]
    reshaped = [
        cv2.resize(film, (wide, high), interpolation=cv2.INTER_AREA) for film, (high, wide) in zip(pixels, shapes)
    ]
    by_kind: dict[str, list[bool]] = {}
    others = strangers.pictures(pixels, count, seed=REPORT_SEED)
    total = count * len({**strangers.KINDS, **strangers.FILM_KINDS})
    for kind, picture in tqdm(others, desc=f"{classifier.name}: other pictures", total=total, **progress):
        by_kind.setdefault(kind, []).append(refuses(strangers.as_file(picture)))
    kinds = {kind: share(refused) for kind, refused in by_kind.items()}
    return {
        "films": {
            "all": share(known),
            "adult": share(r for r, own in zip(known, adult) if own),
            "child": share(r for r, own in zip(known, adult) if not own),
            "mirrored": share(refuses(mirrored(film)) for film in pixels),
            "reshaped": share(refuses(film) for film in reshaped),
        },
        "others": share(r for refused in by_kind.values() for r in refused),
        "worst": sorted(
            (kind for kind in kinds if kinds[kind]["refused"] < 1), key=lambda kind: kinds[kind]["refused"]
        )[:3],
        "kinds": kinds,
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.gate", description=__doc__)
    parser.add_argument("names", nargs="*", help="checkpoints (default: all)")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--weights", type=Path, default=Path("weights"))
    parser.add_argument("--report", type=Path, default=Path("reports/gate.json"))
    parser.add_argument(
        "--count", type=int, default=strangers.COUNT, help="other pictures of each kind (default: %(default)s)"
    )
    parser.add_argument(
        "--fit", action="store_true", help="first fit these gates anew, and write them into the weights"
    )
    arguments = parser.parse_args()
    films, validation = read_split(arguments.data)
    index = arguments.weights / "manifest.json"
    models, versions = {}, {}
    for name in arguments.names or json.loads(index.read_text())["models"]:
        if arguments.fit:
            refit(name, arguments.weights, films, validation)
        classifier = xai.load(name, arguments.weights, threads=1)
        versions[name] = classifier.version
        models[name] = report(classifier, validation, arguments.count) | {
            "refused_unmet": json.loads(index.read_text())["models"][name]["gate"]["refused_unmet"]
        }
    figures = {
        "command": "python -m training.gate",
        "note": "other pictures are new, of kinds met in fitting; refused_unmet: of kinds that had been left out of it",
        "versions": versions,
        "models": models,
    }
    arguments.report.parent.mkdir(parents=True, exist_ok=True)
    arguments.report.write_text(json.dumps(figures, indent=1) + "\n")
    print(arguments.report)


if __name__ == "__main__":
    main()
