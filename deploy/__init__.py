"""Publishes checkpoints and the Space on the Hugging Face Hub: ``python -m deploy --help``."""
