"""What several commands share: the application, options, output, and exit codes."""
