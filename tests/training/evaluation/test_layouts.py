"""Every layout that is read, on folders of empty files: reading labels opens no image."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.data import ADULT
from training.evaluation import layouts
from training.evaluation.errors import EvaluationError


def touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def kermany(split: Path) -> None:
    for name in ("NORMAL/IM-0001-0001.jpeg", "PNEUMONIA/person1_virus_6.jpeg", "PNEUMONIA/person1_bacteria_7.JPG"):
        touch(split / name)


def published_nih(root: Path) -> None:
    for name in ("images_001/images/00000001_000.png", "images_002/images/00000002_000.png"):
        touch(root / name)
    (root / "Data_Entry_2017_v2020.csv").write_text(
        "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,"
        "OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y],\n"
        "00000001_000.png,Cardiomegaly|Hernia,0,1,58,M,PA,2682,2749,0.143,0.143,\n"
        "00000002_000.png,No Finding,0,2,081Y,F,AP,2500,2048,0.168,0.168,\n"
        "00000003_000.png,No Finding,0,3,40,F,AP,2500,2048,0.168,0.168,\n"
    )
    (root / "BBox_List_2017.csv").write_text(
        "Image Index,Finding Label,Bbox [x,y,w,h],,,\n00000001_000.png,Infiltrate,256,512,128,64,,,\n"
    )


def prepared_nih(root: Path) -> None:
    touch(root / "images" / "a.jpg")
    (root / "labels.csv").write_text("image,patient,findings,age,sex,view\na.jpg,7,Effusion,60,F,PA\n")
    (root / "boxes.csv").write_text("image,finding,xmin,ymin,xmax,ymax\n")


def manifest(folder: Path, *lines: str) -> Path:
    for name in ("a.png", "b.png"):
        touch(folder / name)
    path = folder / "films.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_kermany_as_published_is_read_from_its_test_split(tmp_path: Path):
    for split in ("train", "val", "test"):
        kermany(tmp_path / "chest_xray" / split)
    touch(tmp_path / "chest_xray" / "test" / "NORMAL" / "._IM-0001-0001.jpeg")
    touch(tmp_path / "chest_xray" / "test" / "NORMAL" / ".DS_Store")
    for folder in (tmp_path, tmp_path / "chest_xray", tmp_path / "chest_xray" / "test"):
        found = layouts.read(folder)
        assert found.source == "Kermany's layout, split test"
        assert {film.path.parent.parent.name for film in found.films} == {"test"}
        normal, bacterial, viral = found.films
        assert normal.labels == {"pneumonia_child": False} and normal.normal and normal.population == "child"
        assert bacterial.labels == {"pneumonia_child": True, "bacterial_child": True}
        assert viral.labels == {"pneumonia_child": True, "bacterial_child": False}
        assert bacterial.patient == viral.patient == "kermany-person1"


def test_a_renamed_film_keeps_its_folders_label_and_stands_for_itself(tmp_path: Path):
    kermany(tmp_path)
    touch(tmp_path / "PNEUMONIA" / "a.png")
    film = next(film for film in layouts.read(tmp_path).films if film.path.name == "a.png")
    assert film.labels == {"pneumonia_child": True} and film.patient == "kermany-a"


def test_several_splits_without_a_test_split_must_be_named(tmp_path: Path):
    for split in ("first", "second"):
        kermany(tmp_path / split)
    with pytest.raises(EvaluationError, match=r"splits first, second: name one"):
        layouts.read(tmp_path)


def test_nih_as_published(tmp_path: Path):
    published_nih(tmp_path)
    for data in (tmp_path, tmp_path / "Data_Entry_2017_v2020.csv"):
        found = layouts.read(data)
        first, second = found.films  # the third image is not there
        assert first.labels == {name: name == "cardiomegaly" for name in ADULT}
        assert (first.patient, first.age, first.sex, first.view) == ("nih-00000001", "58", "M", "PA")
        assert first.boxes == {"infiltration": [(0.25, 0.5, 0.375, 0.5625)]}
        assert (second.normal, second.age, first.normal) == (True, "81", False)
        assert found.sizes == {first.path: (2682, 2749), second.path: (2500, 2048)}


def test_nih_with_its_test_list_is_the_official_split(tmp_path: Path):
    published_nih(tmp_path)
    (tmp_path / "test_list.txt").write_text("00000002_000.png\n00000009_000.png\n")
    found = layouts.read(tmp_path)
    assert [film.path.name for film in found.films] == ["00000002_000.png"]
    assert "official test split" in found.source


def test_films_as_prepared(tmp_path: Path):
    prepared_nih(tmp_path / "nih")
    assert [film.path.name for film in layouts.read(tmp_path / "nih").films] == ["a.jpg"]
    assert len(layouts.read(tmp_path).films) == 1
    kermany(tmp_path / "kermany" / "train")
    assert len(layouts.read(tmp_path).films) == 4
    kermany(tmp_path / "kermany" / "test")
    assert layouts.read(tmp_path).source.endswith("split test")


def test_children_alone_as_prepared(tmp_path: Path):
    kermany(tmp_path / "kermany" / "test")
    assert len(layouts.read(tmp_path).films) == 3


def test_a_manifest(tmp_path: Path):
    path = manifest(
        tmp_path,
        "path,population,patient,sex,age,view,cardiomegaly,effusion,boxes",
        "a.png,adult,p1,F,64,PA,1,0,cardiomegaly 0.1 0.2 0.5 0.6; cardiomegaly 0.6 0.6 0.7 0.7",
        f"{tmp_path}/elsewhere/b.dcm,child,,,,,0,,",
    )
    touch(tmp_path / "elsewhere" / "b.dcm")
    a, b = layouts.read(path).films
    assert a.path == tmp_path / "a.png" and b.path == tmp_path / "elsewhere" / "b.dcm"
    assert a.labels == {"cardiomegaly": True, "effusion": False} and b.labels == {"cardiomegaly": False}
    assert a.boxes == {"cardiomegaly": [(0.1, 0.2, 0.5, 0.6), (0.6, 0.6, 0.7, 0.7)]}
    assert (a.patient, a.population, a.sex, a.age, a.view, a.normal) == ("p1", "adult", "F", "64", "PA", False)
    assert (b.population, b.normal, b.boxes) == ("child", True, {}) and b.patient != a.patient


def test_a_manifest_may_say_what_is_normal(tmp_path: Path):
    path = manifest(tmp_path, "path,population,normal,mass", "a.png,adult,0,0", "b.png,adult,1,0")
    assert [film.normal for film in layouts.read(path).films] == [False, True]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["path,mass", "a.png,1"], "no column `population`: add it"),
        (["path,population", "a.png,adult"], "no labels: add a column"),
        (["path,population,mass,Cardiomegally", "a.png,adult,1,1"], "unknown column `Cardiomegally`: rename it"),
        (["path,population,mass", "a.png,adult,yes"], "line 2: `mass` is 'yes'; write 1, 0 or nothing"),
        (["path,population,mass", "a.png,teenager,1"], "line 2: `population` is 'teenager'; write adult or child"),
        (["path,population,mass", ",adult,1"], "line 2: `path` is ''; write the path"),
        (["path,population,normal,mass", "a.png,adult,x,1"], "`normal` is 'x'"),
        (["path,population,mass,boxes", "a.png,adult,1,mass 0.1 0.2"], "write `finding xmin ymin xmax ymax`"),
        (["path,population,mass,boxes", "a.png,adult,1,mass 0.5 0.2 0.1 0.3"], "corners with xmin < xmax"),
        (["path,population,mass,boxes", "a.png,adult,1,mass 300 420 800 780"], "fractions of the film's width"),
        (["path,population,mass,boxes", "a.png,adult,1,pneumonia_child 0 0 1 1"], "the name of an adults' finding"),
        (["path,population,mass"], "labels but no films"),
        (["image,patient,findings", "a.jpg,7,Mass"], "name its folder"),
    ],
)
def test_a_wrong_manifest_names_the_mend(tmp_path: Path, lines: list[str], words: str):
    with pytest.raises(EvaluationError) as error:
        layouts.read(manifest(tmp_path, *lines))
    assert words in str(error.value) and str(error.value).startswith(str(tmp_path))  # nobody else's words around it


def test_films_that_are_not_there_are_said_before_any_is_read(tmp_path: Path):
    path = manifest(tmp_path, "path,population,mass", "a.png,adult,0", "c.png,adult,1", "d.png,adult,1")
    with pytest.raises(EvaluationError, match=r"c\.png is not there \(so 2 of 3 films\): add it"):
        layouts.read(path)


def test_a_wrong_folder_names_the_mend(tmp_path: Path):
    with pytest.raises(EvaluationError, match="does not exist: name a folder"):
        layouts.read(tmp_path / "nothing")
    with pytest.raises(EvaluationError, match="no labels that are known here: name the folder"):
        layouts.read(tmp_path)
    (tmp_path / "notes.txt").touch()
    with pytest.raises(EvaluationError, match=r"neither a folder nor a \.csv"):
        layouts.read(tmp_path / "notes.txt")


def test_damaged_tables_name_the_mend(tmp_path: Path):
    (tmp_path / "labels.csv").write_text("image,patient\na.jpg,7\n")
    with pytest.raises(EvaluationError, match=r"cannot be read .* restore"):  # boxes.csv is missing
        layouts.read(tmp_path)
    (tmp_path / "boxes.csv").write_text("image,finding,xmin,ymin,xmax,ymax\n")
    with pytest.raises(EvaluationError, match="no column 'findings': restore"):
        layouts.read(tmp_path)
    (tmp_path / "Data_Entry_2017.csv").write_text("Image Index,Finding Labels\n")
    with pytest.raises(EvaluationError, match="labels but no films: put the images"):
        layouts.read(tmp_path)
    (tmp_path / "BBox_List_2017.csv").write_text("Image Index,Finding Label\n00000001_000.png,Mass,left\n")
    with pytest.raises(EvaluationError, match=r"cannot be read .* restore"):
        layouts.read(tmp_path)
