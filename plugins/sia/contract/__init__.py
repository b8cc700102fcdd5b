"""One contract per return, and what is made from it: rules with their messages, and the blank workbook."""
