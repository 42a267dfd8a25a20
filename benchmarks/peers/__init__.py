"""Grad-CAM, Score-CAM and faithfulness through other people's libraries: one server process each.

These modules run in the peers' own environment (``requirements.txt``, ``requirements-alone.txt``) and import nothing of
this project but the server (see :mod:`benchmarks.server`), so that no peer shares a process, or a dependency, with
another or with us. Ours, beside them, run in this project's.
"""
