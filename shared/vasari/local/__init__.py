"""The local stack: real servers from wheels and the services, as processes of one Linux machine.

Nothing else knows that a stack is local: services learn addresses from their environment, as in a cluster.
"""
