"""Papers for the Board and the partnerships, made of releases and of nothing else."""
