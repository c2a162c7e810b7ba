"""Memory: the database and the media store. Nothing here knows what a song is for."""
