"""From sources to splits: corpus files, public sets, cleaning, duplicates, grouped splits."""
