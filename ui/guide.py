"""The How to read it tab: what the map says, what it does not, and which models there are."""

from __future__ import annotations

from html import escape

import gradio as gr

from xai import words
from xai.classifier import Classifier

TEXT = """
<article class="lens-guide">
<h2>How to read the map</h2>
<p>The model’s last layer lays a grid of 17 × 17 cells over the film; each has seen far more of it than the square it is drawn
on. Every cell adds a little to a finding, or takes a little away. The map shows these amounts, in <em>log-odds</em>:
<span class="for">orange</span> speaks for the finding, <span class="against">blue</span> against it. Faint is not nothing: many
cells too pale to see can add up to as much as one that glows; “This film’s” shows them.</p>
<p>The line under the film is the whole sum: a fixed bias, plus all evidence for, less all evidence against, gives the
logit, and the logit gives the probability. Nothing is left out and nothing is drawn that does not count.</p>
<dl>
<dt>Signed or Grad-CAM</dt><dd>Grad-CAM, the map of most papers, is the positive half of this one. What speaks against a
finding is then invisible.</dd>
<dt>Smooth or native</dt><dd>Native shows the cells that the model really has. Smooth only interpolates between them: the
model sees no finer.</dd>
<dt>Absolute or this film’s</dt><dd>On the absolute scale a colour means the same log-odds on every film, so films can be
compared and weak evidence looks weak. Stretched, the strongest cell is always at full colour, however little it is.</dd>
<dt>All evidence or beyond normal</dt><dd>Beyond normal takes away what the model also sees on a typical normal film: what
stays is what this film has more, or less, than that one. The sum still comes out.</dd>
<dt>Bars, operating point and unsure zone</dt><dd>A bar is a probability, drawn from 1 to 99 % and spaced by log-odds, so
that rare findings can be told apart. The tick is a threshold that was fixed on other films beforehand. In the grey zone
around it the model is called unsure: the zone was widened until the readings outside it went wrong half as often as
all readings do, or until it held a third of the films.</dd>
<dt>Whose probability</dt><dd>That of a film drawn from those it was calibrated on, and nobody’s risk. Three in four of the
children’s show pneumonia, so that a normal child’s film is easily given half; one in fourteen of the adults’ shows a large
heart, so that a few per cent are much. Read a probability against the tick.</dd>
</dl>
<h2>What it is not</h2>
<p>A map shows what moved this model, not what is wrong with a patient. Models pick up age, position and markings on films
as well as disease, and a map can be confident and wrong. {notice} Findings carry the population whose films
they were trained on: on others they are out of their depth. “Adults” stands for the NIH’s films, a few of which are of
patients under 18.</p>
<h2>Models</h2>
<dl>{models}</dl>
<p>A film is read in memory and never stored. Everything you switch happens in your browser.</p>
</article>
"""


def tab(classifiers: dict[str, Classifier]) -> None:
    """Lay out the tab inside the current Blocks."""
    models = "".join(
        f"<dt>{escape(model.title)}</dt><dd>{escape(model.description)} Version {escape(model.version)}.</dd>"
        for model in classifiers.values()
    )
    gr.HTML(TEXT.format(notice=words.NOT_A_DEVICE, models=models), apply_default_css=False)
