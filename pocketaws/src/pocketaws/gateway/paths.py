"""The prefix of the emulator's own paths, and their token header. It imports nothing, so it's quick to load."""

ADMIN_PATH = "/_pocketaws/"
TOKEN_HEADER = "X-Pocketaws-Token"  # noqa: S105 - the name of a header
