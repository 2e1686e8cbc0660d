"""Encoders: the best picture of one format under the limit."""
