"""How the model is rebuilt."""
