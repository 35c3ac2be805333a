"""API keys: made and revoked on the command line, checked at every request."""
