"""What the review queue promises, measured: see `benchmarks/README.md`."""
