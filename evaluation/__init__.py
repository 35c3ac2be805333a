"""Judges a model folder: metrics with intervals, slices, baselines, report."""
