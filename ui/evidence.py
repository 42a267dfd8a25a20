"""The Evidence about the evidence tab: how good the maps are over all films, as a table for every checkpoint."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import groupby
from pathlib import Path

import gradio as gr

from ui import upshot
from ui.measures import MEASURES, Measure
from ui.record import UNMEASURED, Figure, Measured, Record
from xai.classifier import Classifier
from xai.words import share

STATIC = Path(__file__).parent / "static"


def tab(classifiers: dict[str, Classifier], record: Record) -> None:
    """Lay out the tab inside the current Blocks."""
    gr.HTML(
        page(classifiers, record),
        js_on_load=(STATIC / "evidence.js").read_text(encoding="utf-8"),
        apply_default_css=False,
        elem_id="evidence",
    )


def page(classifiers: dict[str, Classifier], record: Record) -> str:
    """The tab as HTML: the main findings, where the evidence points, every method's figures, and what they mean."""
    found = {name: record.of(name, classifier.version) for name, classifier in classifiers.items()}
    measured = {name: one for name, one in found.items() if one}
    head = "<h2>How good are the maps over all films?</h2>"
    if not measured:
        return _article(head, f"<p>{UNMEASURED}</p>")
    return _article(
        head,
        _sentences(upshot.across(measured), "evidence-upshot"),
        _by_finding(classifiers, measured),
        "<h3>Every method beside what a map must beat</h3>",
        _picker(classifiers),
        *(_section(name, classifiers[name], one, name == next(iter(found))) for name, one in found.items()),
        "<h3>What the columns ask</h3>",
        f'<div class="evidence-cards">{"".join(map(_card, MEASURES))}{COST}</div>',
        _origin(record),
    )


def _article(*parts: str) -> str:
    return f'<article class="lens-evidence">{"".join(parts)}</article>'


def _sentences(sentences: list[str], name: str) -> str:
    return f'<ul class="{name}">{"".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)}</ul>'


# ---- where the evidence points, by finding


def _by_finding(classifiers: dict[str, Classifier], measured: dict[str, Measured]) -> str:
    labels = {key: finding.label for one in classifiers.values() for key, finding in one.findings.items()}
    labels["all"] = "All of them"
    rows = [_dots(label, key, measured) for key, label in labels.items()]
    if not any(rows):
        return ""
    kinds = [*((name, _kind(i)) for i, name in enumerate(measured)), ("random cell", "chance")]
    legend = "".join(f'<span><i class="dot {kind}"></i>{escape(name)}</span>' for name, kind in kinds)
    names = "".join(f'<th scope="col"><i class="dot {kind}"></i>{escape(name)}</th>' for name, kind in kinds)
    scale = "".join(f'<i style="left:{mark}%">{mark}&nbsp;%</i>' for mark in (0, 25, 50, 75, 100))
    return (
        "<h3>How often the hottest point of the evidence lies in the radiologist’s box</h3>"
        f'<p class="evidence-legend evidence-dots" aria-hidden="true">{legend}</p>'
        '<div class="evidence-scroll" role="region" tabindex="0" aria-label="Hottest point in box, by finding">'
        '<table class="evidence-dots"><thead><tr><th scope="col">Finding</th><th scope="col">films</th>'
        f'<td class="plot"><div class="scale" aria-hidden="true">{scale}</div></td>{names}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _dots(label: str, finding: str, measured: dict[str, Measured]) -> str:
    """One finding's row; empty where no film has a box for it."""
    found = {name: one.figure("findings", finding, "argmax_in_box") for name, one in measured.items()}
    known = [figure for figure in found.values() if figure]
    if not known:
        return ""
    chances = (one.number("findings", finding, "random") for one in measured.values())
    chance = next((value for value in chances if value is not None), None)
    marks = [(_kind(i), figure.value) for i, figure in enumerate(found.values()) if figure]
    marks += [("chance", chance)] if chance is not None else []
    plot = "".join(f'<i class="dot {kind}" style="left:{100 * value:.1f}%"></i>' for kind, value in marks)
    cells = "".join(f"<td>{share(figure.value) if figure else '—'}</td>" for figure in found.values())
    return (
        f'<tr class="{"total" if finding == "all" else ""}"><th scope="row">{escape(label)}</th>'
        f'<td>{known[0].films}</td><td class="plot"><div aria-hidden="true">{plot}</div></td>{cells}'
        f"<td>{'—' if chance is None else share(chance)}</td></tr>"
    )


def _kind(place: int) -> str:
    """Checkpoints are told apart by shape as well as by colour."""
    return ("disc", "ring", "diamond", "square")[place % 4]


# ---- every method's figures


def _picker(classifiers: dict[str, Classifier]) -> str:
    choices = "".join(
        f'<label><input type="radio" name="evidence-model" value="{escape(name)}"{" checked" if not i else ""}>'
        f"<span>{escape(classifier.title)}</span></label>"
        for i, (name, classifier) in enumerate(classifiers.items())
    )
    return f'<fieldset class="lens-switch evidence-models"><legend>Model</legend>{choices}</fieldset>'


def _section(name: str, classifier: Classifier, measured: Measured | None, shown: bool) -> str:
    inside = (
        _sentences(upshot.within(measured), "evidence-within") + _table(classifier, measured)
        if measured
        else f"<p>{UNMEASURED}</p>"
    )
    return f'<section data-model="{escape(name)}"{"" if shown else " hidden"}>{inside}</section>'


def _table(classifier: Classifier, measured: Measured) -> str:
    methods, baselines = measured.methods(baseline=False), measured.methods(baseline=True)
    figures = {
        measure: {key: measured.of_method(key, measure.block, measure.figure) for key in {**methods, **baselines}}
        for measure in MEASURES
    }
    most = {measure: max((one.films for one in of.values() if one), default=0) for measure, of in figures.items()}
    best = {measure: _best(measure, (figures[measure][key] for key in methods), most[measure]) for measure in MEASURES}

    def row(key: str, label: str, ranked: bool) -> str:
        cells = (
            _cell(measured, key, measure, figures[measure][key], most[measure], best[measure] if ranked else "")
            for measure in MEASURES
        )
        return f'<tr><th scope="row">{escape(label)}</th>{"".join(cells)}{_cost(measured, key)}</tr>'

    width = 1 + len(MEASURES) + 2
    apart = f'<tr class="apart"><th colspan="{width}" scope="colgroup"><span>What a map must beat</span></th></tr>'
    return (
        f'<p class="evidence-key">{escape(classifier.title)}, version {escape(classifier.version)}</p>'
        '<div class="evidence-scroll" role="region" tabindex="0" aria-label="Figures of every method">'
        f'<table class="evidence-table">{_heads(most)}'
        f"<tbody>{''.join(row(key, label, True) for key, label in methods.items())}</tbody>"
        f"<tbody>{apart}{''.join(row(key, label, False) for key, label in baselines.items())}</tbody></table></div>"
        '<p class="evidence-key"><b>Bold</b>: the best of the methods in its column, among those seen on as many films. '
        "Small: the 95 % interval, resampling patients, and films where they are fewer. <i>Clearly</i> means that the "
        "intervals lie apart.</p>"
    )


def _heads(films: dict[Measure, int]) -> str:
    groups = ""
    for group, measures in groupby(MEASURES, lambda measure: measure.group):
        columns = list(measures)
        count = max(films[measure] for measure in columns)
        what = "boxed findings" if columns[0].block == "localisation" else "films"
        groups += f'<th colspan="{len(columns)}" scope="colgroup">{group}<small>{count} {what}</small></th>'
    columns = "".join(
        f'<th scope="col" title="{escape(measure.guide.asks)}">{measure.guide.title}'
        f"<small>{'↑ more' if measure.better == 'higher' else '↓ less'} is better</small></th>"
        for measure in MEASURES
    )
    cost = '<th colspan="2" scope="colgroup">One map costs</th>', '<th scope="col">films</th><th scope="col">time</th>'
    return (
        f'<thead><tr><th rowspan="2" scope="col">Method</th>{groups}{cost[0]}</tr>'
        f'<tr class="columns">{columns}{cost[1]}</tr></thead>'
    )


def _best(measure: Measure, figures: Iterable[Figure | None], films: int) -> str:
    """The best value as shown, among figures over so many films; those that are shown alike share it."""
    values = [figure.value for figure in figures if figure and figure.films == films]
    if not values:
        return ""
    return measure.show(max(values) if measure.better == "higher" else min(values))


def _cell(measured: Measured, method: str, measure: Measure, figure: Figure | None, films: int, best: str) -> str:
    if figure is None:
        return "<td>—</td>"
    shown, fewer = measure.show(figure.value), figure.films < films
    lines = []
    if figure.interval:
        ends = [measure.show(end).removesuffix(" %") for end in figure.interval]
        lines.append((" to " if "−" in "".join(ends) else "–").join(ends))
    if measure.beside and (other := measured.number("methods", method, measure.block, measure.beside[0])) is not None:
        lines.append(f"{measure.beside[1]} {measure.show(other)}")
    if fewer:
        lines.append(f"{figure.films} films")
    value = f'<b>{shown}<span class="evidence-said">, best</span></b>' if shown == best and not fewer else shown
    return f"<td>{value}{''.join(f'<small>{line}</small>' for line in lines)}</td>"


def _cost(measured: Measured, method: str) -> str:
    films, seconds = (measured.number("methods", method, what) for what in ("passes", "seconds"))
    return f"<td>{'—' if films is None else f'{films:.0f}'}</td><td>{'—' if seconds is None else _time(seconds)}</td>"


def _time(seconds: float) -> str:
    if seconds < 0.01:
        return "&lt; 0.01 s"
    return f"{seconds:.{2 if seconds < 1 else 1 if seconds < 10 else 0}f} s"


# ---- what it means, and where it comes from


def _card(measure: Measure) -> str:
    guide = measure.guide
    return (
        f"<section><h4>{guide.title}</h4><p>{guide.asks}</p><p><b>How to read it.</b> {guide.read}</p>"
        f"<p><b>What it cannot show.</b> {guide.cannot}</p>"
        f'<p><a href="{guide.link}" target="_blank" rel="noreferrer">{guide.paper}</a></p></section>'
    )


COST = (
    "<section><h4>One map costs</h4><p>How many films is the model shown for one map, and how long does that take?</p>"
    "<p><b>How to read it.</b> Medians; methods in closed form need no film but the one that is explained.</p>"
    "<p><b>What it cannot show.</b> Times are those of the machine that made the report, not of yours.</p></section>"
)


def _origin(record: Record) -> str:
    said = {key: str(value) for key, value in record.report.items() if isinstance(value, str)}
    parts = [
        f"Measured {escape(said['date'])} by <code>{escape(said['command'])}</code>"
        if {"date", "command"} <= set(said)
        else "",
        f"on validation films ({escape(said['split'])})" if "split" in said else "",
    ]
    machine = f"machine: {said['machine']}" if "machine" in said else ""
    lines = [" ".join(filter(None, parts)), escape(said.get("note", "")), escape(machine)]
    text = " ".join(f"{line[:1].upper()}{line[1:].rstrip('.')}." for line in filter(None, lines))
    return f'<p class="evidence-origin">{text}</p>' if text else ""
