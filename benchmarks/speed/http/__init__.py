"""The same over HTTP: servers, and the process that loads them."""
