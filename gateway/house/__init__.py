"""Running the house: what the secretariat asks of all services, whatever room they are. ``contract`` says it, ``room`` answers."""
