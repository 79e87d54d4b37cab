"""A page with nothing but the map, served as the application serves its own."""
