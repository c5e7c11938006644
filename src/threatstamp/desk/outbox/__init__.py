"""Departures of every kind are delivered."""
