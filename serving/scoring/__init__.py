"""Scoring over HTTP: requests queued, batched together, and answered."""
