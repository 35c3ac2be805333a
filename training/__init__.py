"""From splits to a model folder: recipes, fine-tuning, calibration, export."""
