"""One file per part that profiles are put together from: questions, and what is wanted of the machine for them.

A part declares, as a profile does: it knows the answers and the facts, and never acts. It may ask another part for what
it says (`certificate_claims`), never for its steps. To add one: a file with a `Part`, and its name in a profile's list.
"""
