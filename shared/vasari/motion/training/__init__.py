"""How the shipped weights were made: a corpus of synthetic speech, teachers of lips and head, and the fitting.

Nothing here is needed to make a motion.
"""
