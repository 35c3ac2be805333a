"""Makes the fine-tuned encoder shallower: fewer layers, taught by all of them."""
