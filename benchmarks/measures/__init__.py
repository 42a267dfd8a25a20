"""One benchmark per file; each has ``run(settings) -> Result``."""
