"""labkit provisions AWS security labs, makes an incident happen in them, grades and takes down."""

__version__ = "0.1.0"
