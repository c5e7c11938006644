"""What tests lean on: servers, harnesses, fakes."""
