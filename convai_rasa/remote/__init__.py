"""What engines on other machines have in common: connections with bounds, and whose turn it is among several."""
