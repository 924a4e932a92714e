"""How fast it is. `python -m bench` runs all of it and prints one table; `python -m bench submits` only one part.

Absolute figures depend on the machine and on who else uses it; compare the ratios, taken in one run.
"""
