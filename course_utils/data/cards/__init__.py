"""What is known about each data set; one module per family."""
