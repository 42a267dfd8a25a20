"""One evaluation for everything that reads films: labelled films in, ``report.json``, ``report.html`` and figures out.

``python -m training evaluate CHECKPOINT DATA --out DIR``; see ``docs/evaluation.md``.
"""
