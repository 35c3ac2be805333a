"""What students of any kind learn from: texts of the data, disguises and variations of them."""
