"""AWS Account Management: the Regions that an account has enabled."""
