"""What only SQLite needs: the connection, the tables, who lives, and care of the file."""
