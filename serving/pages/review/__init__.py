"""The pages of the review queue. Rendered here; scripts only add keys, a heartbeat, a countdown."""
