"""What a trained model is and how to run it; imports none of its sibling packages."""
