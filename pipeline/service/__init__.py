"""The unattended program: supervisor, background engine, heartbeat, logs; it prints nothing."""
