"""The web pages of the unit and its partners: the desk and the door."""
