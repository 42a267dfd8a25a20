"""The systems that this one descends from, each as a recipe: trained, measured and explained on the same films.

``python -m training run RECIPE`` and ``python -m training compare``; see ``docs/recipes.md``.
"""
