"""Sets that are kept with the code: each a frozen file beside its data card."""
