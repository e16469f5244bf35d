"""THE PLOT: files are ingested, dirty categories are regenerated. All I/O of the publisher is decided here."""
