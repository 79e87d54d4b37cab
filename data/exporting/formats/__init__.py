"""Formats of hand-over, one file each; ``data.exporting.registry`` finds them."""
