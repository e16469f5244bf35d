"""One module per feed format."""
