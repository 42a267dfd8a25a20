"""Every figure of an evaluation, drawn by matplotlib for light and for dark pages."""
