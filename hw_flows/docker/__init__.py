"""`qu-build --docker`: the same build inside a container, with the caller's own files and ownership."""
