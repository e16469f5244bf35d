"""FILES: what authors wrote. A folder is scanned, a file is parsed; out comes a Draft, or Problems."""
