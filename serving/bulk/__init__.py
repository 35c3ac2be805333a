"""Scoring whole files: one record out per row in, in the same order and in constant memory."""
