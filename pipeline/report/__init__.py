"""What is said of photographs and runs, to people and to programs; no Click and no Rich."""
