"""The review queue: posts come in, a moderator claims and decides, exactly once."""
