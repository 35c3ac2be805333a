"""Side-by-side speed; run by hand on an idle machine."""
