"""Faults on demand, to rehearse a bad day."""
