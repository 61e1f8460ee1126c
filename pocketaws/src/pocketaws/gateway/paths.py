"""Where the addresses that aren't AWS's begin, and the header that opens them. Imports nothing, so it's quick."""

ADMIN_PATH = "/_pocketaws/"
TOKEN_HEADER = "X-Pocketaws-Token"  # noqa: S105 - the name of a header
