"""The app: one file per tab, layout and callbacks only; all numbers come from :mod:`xai`."""
