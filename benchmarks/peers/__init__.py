"""Grad-CAM of InceptionV3 through other people's libraries: one server process each (see :mod:`benchmarks.server`).

These modules run in the peers' own environment (``requirements.txt``) and import nothing of this project but the
server, so that no peer shares a process, or a dependency, with another or with us.
"""
