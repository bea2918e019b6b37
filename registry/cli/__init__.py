"""Floor 6: the program `registry`. One file a group of commands; each is imported when it is called."""
