"""What is copied into the team's spreadsheet."""
