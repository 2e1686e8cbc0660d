"""Watching folders: events as hints, a scan as the truth, and a look whether a file is at rest."""
