"""Distils the screen that stands in front of the encoder, from files to files.

`lesson` holds what the encoder said, `course` and `teacher` what it would say of variations,
`fitting` fits a `student` for each fold and one on all, `rule` chooses what it may clear, `distil`
leads through the steps. Fitting needs neither the encoder's runtime nor the texts, so that it can
be done on another machine.
"""
