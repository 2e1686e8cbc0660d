"""The hook: called with every shot; imports nothing but the standard library."""
