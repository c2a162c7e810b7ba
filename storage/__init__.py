"""What Selfietune remembers: rows in a database, files in a folder or bucket."""
