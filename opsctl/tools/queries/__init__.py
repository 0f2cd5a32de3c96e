"""Where an operator's own figures come from."""
