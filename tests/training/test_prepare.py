"""Published downloads become the small layout that training reads."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from training.data import read_nih
from training.prepare import prepare

ENTRIES = (
    "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,"
    "OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y],\n"
    "00000001_000.png,Cardiomegaly|Hernia,0,1,058Y,M,PA,2682,2749,0.143,0.143,\n"
    "00000002_000.png,No Finding,0,2,81,F,AP,2500,2048,0.168,0.168,\n"
)
BOXES = "Image Index,Finding Label,Bbox [x,y,w,h],,,\n00000001_000.png,Cardiomegaly,256,512,128,64,,,\n\n"


def draw(path: Path, side: int = 40) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((side, side), 90, np.uint8))


def published_nih(root: Path, entries: str = ENTRIES, boxes: str = BOXES) -> Path:
    draw(root / "images_001" / "images" / "00000001_000.png")  # the other film was not downloaded
    (root / "Data_Entry_2017_v2020.csv").write_text(entries)
    (root / "BBox_List_2017.csv").write_text(boxes)
    return root


def test_nihs_tables_and_films(tmp_path: Path):
    out = prepare(published_nih(tmp_path / "source"), tmp_path / "out")
    (film,) = read_nih(out)
    assert (film.patient, film.age, film.sex, film.view) == ("nih-00000001", "58", "M", "PA")
    assert (
        film.labels["cardiomegaly"]
        and not film.normal
        and not any(shown for name, shown in film.labels.items() if name != "cardiomegaly")
    )
    assert film.boxes == {"cardiomegaly": [(0.25, 0.5, 0.375, 0.5625)]}
    assert cv2.imread(str(film.path), cv2.IMREAD_UNCHANGED).shape == (384, 384)


@pytest.mark.parametrize(
    "tables, words",
    [
        ({"entries": "Image Index,Finding Labels\n00000001_000.png,Mass\n"}, "View Position"),
        ({"entries": ENTRIES[: ENTRIES.index(",M,PA")]}, "cut short at 00000001_000.png"),
        ({"boxes": "Image Index,Finding Label\n00000001_000.png,Mass,left\n"}, "left"),
        ({"boxes": "Image Index,Finding Label\n00000001_000.png\n"}, "unpack"),
    ],
)
def test_a_damaged_table_names_the_mend(tables, words, tmp_path: Path):
    source = published_nih(tmp_path / "source", **tables)
    with pytest.raises(SystemExit, match=rf"A table in .*{words}.*"):
        prepare(source, tmp_path / "out")


def test_what_macos_leaves_in_an_archive_is_no_film(tmp_path: Path):
    source, out = tmp_path / "chest_xray", tmp_path / "out"
    for name in ("NORMAL/IM-0001-0001.jpeg", "PNEUMONIA/person1_bacteria_1.jpeg"):
        path = source / "train" / name
        draw(path)
        for junk in (path.with_name(f"._{path.name}"), source / "__MACOSX" / "train" / name):
            junk.parent.mkdir(parents=True, exist_ok=True)
            junk.write_bytes(b"junk")
    prepare(source, out)
    made = sorted(path.relative_to(out) for path in out.rglob("*.jpeg"))
    assert made == [
        Path("kermany/train/NORMAL/IM-0001-0001.jpeg"),
        Path("kermany/train/PNEUMONIA/person1_bacteria_1.jpeg"),
    ]


def test_labels_without_films_are_refused_and_no_boxes_are_said(tmp_path: Path, capsys):
    source = published_nih(tmp_path / "source")
    (source / "BBox_List_2017.csv").unlink()
    prepare(source, tmp_path / "out")
    assert "without boxes, maps are neither guided nor judged" in capsys.readouterr().out
    next(source.rglob("*.png")).unlink()
    with pytest.raises(SystemExit, match="none of its films: unpack the images beside them"):
        prepare(source, tmp_path / "elsewhere")


def test_another_folder_is_refused(tmp_path: Path):
    with pytest.raises(SystemExit, match="neither Data_Entry_2017"):
        prepare(tmp_path, tmp_path / "out")
