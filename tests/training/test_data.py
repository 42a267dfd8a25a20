"""Readers and the split by patient."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.data import ADULT, Film, is_validation, kermany_patient, load, read_all, read_nih, split, targets
from xai.errors import FilmError


def test_kermany_patients():
    assert kermany_patient("person1301_virus_2241.jpeg") == "person1301"
    assert kermany_patient("NORMAL2-IM-1018-0001.jpeg") == "NORMAL2-IM-1018"
    assert kermany_patient("IM-0640-0001-0001.jpeg") == "IM-0640"
    with pytest.raises(ValueError, match="personN"):
        kermany_patient("holiday.jpeg")


def test_read_nih(tmp_path: Path):
    (tmp_path / "labels.csv").write_text(
        "image,patient,findings,age,sex,view\na.jpg,7,Effusion|Fibrosis,60,F,PA\nb.jpg,8,No Finding,50,M,AP\n"
        "c.jpg,9,Fibrosis,50,M,AP\n"
    )
    (tmp_path / "boxes.csv").write_text("image,finding,xmin,ymin,xmax,ymax\na.jpg,Infiltrate,0.1,0.2,0.3,0.4\n")
    a, b, c = read_nih(tmp_path)
    assert a.labels == {name: name == "effusion" for name in ADULT}
    assert a.boxes == {"infiltration": [(0.1, 0.2, 0.3, 0.4)]}
    assert (a.normal, b.normal, c.normal) == (False, True, False)


def test_a_child_without_pneumonia_is_not_labelled_for_its_cause():
    film = Film(Path("x"), "p", "child", True, {"pneumonia_child": False})
    label, mask = targets([film])
    assert label.sum() == 0 and mask.sum() == 1


def test_the_split_is_by_patient_and_about_a_fifth():
    films = [Film(Path(str(i)), f"p{i // 3}", "adult", True, {}) for i in range(3000)]
    training, validation = split(films)
    assert not {f.patient for f in training} & {f.patient for f in validation}
    assert 0.15 < len(validation) / len(films) < 0.25
    assert all(is_validation(f) for f in validation)


def test_the_real_films(data: Path):
    films = read_all(data)
    training, validation = split(films)
    assert not {f.patient for f in training} & {f.patient for f in validation}
    assert sum(f.labels.get("cardiomegaly", False) for f in films) == 164
    assert sum(len(b) for f in films for b in f.boxes.values()) == 795
    assert sum(f.labels.get("pneumonia_child", False) for f in films) == 3875


def test_a_film_that_is_no_image_is_one_sentence(tmp_path):
    (tmp_path / "a.png").write_text("not an image")
    for name in ("a.png", "b.png"):  # the other is not there
        with pytest.raises(FilmError, match=rf"{name} is no image: make its folder anew by"):
            load([Film(tmp_path / name, "p", "adult", True, {})])
