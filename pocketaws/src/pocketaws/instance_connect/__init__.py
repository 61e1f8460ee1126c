"""EC2 Instance Connect: a public key that opens a server for a minute."""
