"""A reader who tries to work out hidden counts. It knows nothing of the project but what is published."""
