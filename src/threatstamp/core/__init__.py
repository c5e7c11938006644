"""The nouns and rules of the desk: pure values, standard library only."""
