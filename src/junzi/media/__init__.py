"""Files that people upload: bounded, with an owner and readers, and without what they did not mean to tell."""
