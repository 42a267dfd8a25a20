"""Trains, calibrates, evaluates and exports the checkpoints that :mod:`xai` serves."""
