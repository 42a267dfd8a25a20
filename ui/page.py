"""The page: frame, tabs, looks, and how it is served."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import gradio as gr
from starlette.middleware import Middleware

import xai
from ui import evidence, examples, explain, guide, laboratory, methods, record
from ui.body import BodyLimit
from xai import weights, words
from xai.limits import MAX_BYTES

STATIC = Path(__file__).parent / "static"
STYLES = [STATIC / "style.css", STATIC / "evidence.css"]

# System fonts: the page asks nothing of any other host.
THEME = gr.themes.Base(
    primary_hue="orange",
    neutral_hue="slate",
    font=["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"],
    font_mono=["ui-monospace", "SFMono-Regular", "Menlo", "monospace"],
)

# Uploads through the API lie in Gradio's folder, where two visitors' copies of one film share a path: they go when hardly
# any request can be waiting for them any more. (How often to look, how old a file may be; seconds.)
DELETE = (60, 900)

HEADER = f"""
<header class="lens-header">
  <h1>CXR&nbsp;Lens</h1>
  <p>What a chest X-ray model finds, and where its evidence lies</p>
  <p class="lens-device" role="note">{words.NOT_A_DEVICE}</p>
</header>
"""


def build(
    checkpoints: str | PathLike | None = None, films: Path = examples.FOLDER, maps: Path = record.PATH
) -> gr.Blocks:
    """The whole page, with every model loaded and the first example explained.

    Args:
        checkpoints: as ``weights`` of :func:`xai.load`.
        films: folder of examples with their list.
        maps: report of ``python -m training maps``; where there is none, the page says so.

    Raises:
        WeightsError: as :func:`xai.load`.
    """
    classifiers = {name: xai.load(name, checkpoints) for name in weights.models(checkpoints)}
    shipped = examples.load(films)
    measured = record.load(maps)
    with gr.Blocks(title="CXR Lens", analytics_enabled=False, fill_width=True, delete_cache=DELETE) as page:
        gr.HTML(HEADER, apply_default_css=False, padding=False)
        with gr.Tabs(overflow_behavior="wrap"):
            with gr.Tab("Explain", id="explain"):
                explain.tab(classifiers, shipped, measured)
            with gr.Tab("Test the map", id="laboratory"):
                laboratory.tab(classifiers, shipped, measured)
            with gr.Tab("Compare methods", id="methods"):
                methods.tab(classifiers, shipped, measured)
            with gr.Tab("Evidence about the evidence", id="evidence"):
                evidence.tab(classifiers, measured)
            with gr.Tab("How to read it", id="guide"):
                guide.tab(classifiers)
    page.queue(max_size=16, default_concurrency_limit=1)
    return page


def serve(page: gr.Blocks, host: str, port: int | None) -> str:
    """Start serving in the background; returns the local URL.

    Args:
        page: from :func:`build`.
        host: name to listen on.
        port: to listen on; None takes the first free one from 7860.

    Raises:
        OSError: the port is taken.
    """
    _, url, _ = page.launch(
        server_name=host,
        server_port=port,
        prevent_thread_lock=True,
        quiet=True,
        max_file_size=MAX_BYTES,
        max_threads=8,
        show_error=False,
        enable_monitoring=False,
        run_history=False,
        ssr_mode=False,
        theme=THEME,
        css_paths=STYLES,
        footer_links=["api"],
        app_kwargs={"middleware": [Middleware(BodyLimit)]},
    )
    return url
