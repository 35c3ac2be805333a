"""The audit log: append-only events, chained so that no change goes unseen."""
