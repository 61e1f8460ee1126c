"""CloudFormation: an engine that creates resources by calling the services.

``template`` and ``parameters`` read the request, ``intrinsics`` evaluates values, ``engine``
advances a stack through effects, and ``resources`` has one file per service and one class per type.
"""
