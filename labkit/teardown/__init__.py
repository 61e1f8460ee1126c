"""Remove labs, and search until nothing is left.

Each kind of resource has one class that finds it, says why it belongs to a workshop, and removes it. A round lists
everything, plans, and carries out the plan; rounds repeat until nothing is left or nothing more helps.
"""
