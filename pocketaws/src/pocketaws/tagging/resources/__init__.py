"""The taggable resources of each service, with one module per service.

Source for the types and the ARNs: service authorization reference, "Resource types defined by …" of
each service.
"""
