"""What is drawn: scales, legends, web map, tiles and print sheets."""
