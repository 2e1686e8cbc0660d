"""One file a format: find its parts, prove its end, take its metadata out, say its colours."""
