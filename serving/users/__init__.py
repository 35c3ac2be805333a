"""People who sign in: accounts, passwords, sessions, one-time links."""
