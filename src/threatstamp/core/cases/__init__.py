"""Cases: what a story asks of the team, from the stamp that opens it until it is done."""
