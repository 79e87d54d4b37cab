"""Spatial analysis: pure functions, geometry and plain columns in, columns and geometry out."""
