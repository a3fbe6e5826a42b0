"""Files that would hurt a careless reader, made when they are needed; none is kept in the repository."""
