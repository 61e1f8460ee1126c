"""``aws``: the part of AWS CLI version 2 that boot scripts use. Its calls go through the gateway as the role."""
