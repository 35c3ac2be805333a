"""Where examples come from: the corpus, public sets on disk, the whole EMSCAD from the hub."""
