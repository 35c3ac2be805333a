"""Scoring over HTTP and in bulk, keys, storage, and the web pages."""
