"""Zero padding around an image (FINN's FMPadding)."""
