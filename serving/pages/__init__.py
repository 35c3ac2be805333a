"""The pages: one to try a text, one that describes the API. Rendered here, no script needed."""
