"""Reads and edits the text of Postfix's own files: main.cf, master.cf, lookup tables, aliases; bytes in, bytes out.

Every edit leaves each byte it does not concern as it was, and means to Postfix what the same postconf(1) edit means.
It knows no files, machines or wishes and does not judge values; `tests/machine` holds it equal to the real tools.
"""
