"""Place and route, and what makes a bitstream of it: one file a tool."""
