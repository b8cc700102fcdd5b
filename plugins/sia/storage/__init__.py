"""Where files are kept: the inbox, the landing folder and the encrypted store."""
