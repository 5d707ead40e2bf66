"""Tools that tests of several subjects share."""
