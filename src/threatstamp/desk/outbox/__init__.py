"""What is owed goes out, whatever it is."""
