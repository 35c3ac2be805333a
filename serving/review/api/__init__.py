"""The review queue over HTTP: JSON under /v1, with keys."""
