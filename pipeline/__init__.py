"""Product photographs, checked, made to fit, and uploaded to the shop exactly once."""

__all__ = ["__version__"]

__version__ = "0.1.0"
