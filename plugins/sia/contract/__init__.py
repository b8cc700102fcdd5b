"""One contract per return, and what is compiled from it: rules, words, allow-list."""
