"""The model that ships, as package data."""
