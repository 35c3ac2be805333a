"""Errors of judging a model.

    LurewatchError
    └── EvaluationError               the figures cannot be had
        ├── TooFewRowsError           a class or a split is too thin for what was asked
        ├── UnscorableExampleError    the classifier rejected a row of a suite
        ├── PredictionsError          a file of predictions does not fit the data build
        └── KeptScoresError           kept scores cannot be read, or lack a text

A data build that is not there is `data.errors.SplitMissingError`.
"""

from __future__ import annotations

from classifier.errors import LurewatchError


class EvaluationError(LurewatchError):
    code = "evaluation"
    title = "The evaluation cannot be done"


class TooFewRowsError(EvaluationError):
    code = "too_few_rows"
    title = "There are too few rows"


class UnscorableExampleError(EvaluationError):
    code = "unscorable_example"
    title = "A row of the suite cannot be scored"


class PredictionsError(EvaluationError):
    code = "predictions"
    title = "The predictions do not fit the data"


class KeptScoresError(EvaluationError):
    code = "kept_scores"
    title = "The kept scores do not serve"
