"""Papers for the Board and the partnerships, made from releases and from nothing else."""
