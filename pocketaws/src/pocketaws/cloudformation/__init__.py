"""CloudFormation: an engine that creates resources by calling the services.

``template`` and ``parameters`` read what the user sent, ``intrinsics`` works out values, ``engine``
moves a stack along by effects, and ``resources`` has one file per service and one class per type.
"""
