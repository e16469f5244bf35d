"""HTTP: a small WSGI layer that serves hot documents from memory, and Flask for everything else."""
