"""How the shipped model is made. Nothing of the package imports this."""
