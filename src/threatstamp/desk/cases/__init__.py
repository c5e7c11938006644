"""Steps about cases: people take, decide and finish them."""
