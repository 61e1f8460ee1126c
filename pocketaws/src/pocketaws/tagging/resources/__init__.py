"""What each service has that can be tagged. One module per service.

Source for the types and the ARNs: service authorization reference, "Resource types defined by …" of each
service.
"""
