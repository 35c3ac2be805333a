"""The report of an evaluation as one static page, with plots drawn by hand in SVG."""
