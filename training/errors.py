"""The training branch of the error tree.

LurewatchError
├── UsageError
│   └── RecipeError        a recipe file that cannot be followed
└── TrainingError
    ├── BaseModelError     neither the hub nor the package has the base
    └── CheckpointError    nothing to resume from, or of another recipe or data
"""

from __future__ import annotations

from classifier.errors import LurewatchError, UsageError


class TrainingError(LurewatchError):
    code = "training"
    title = "Training cannot go on"


class RecipeError(UsageError):
    code = "recipe"
    title = "The recipe cannot be followed"


class BaseModelError(TrainingError):
    code = "base_model"
    title = "The base model is not to be had"


class CheckpointError(TrainingError):
    code = "checkpoint"
    title = "The run cannot be resumed"
