"""How good are the maps? Every attribution method on validation films: boxes, hiding, curves, stability, shuffled twins.

:mod:`~training.maps.cases` says on which films, :mod:`~training.maps.measure` what is taken of one map,
:mod:`~training.maps.survey` goes through all of them and remembers how far it came, and :mod:`~training.maps.summary`
makes the report that the page shows.
"""
