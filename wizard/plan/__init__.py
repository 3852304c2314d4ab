"""What should be, and what differs: profiles, plans, the ledger and rendered templates; pure.

It works on a Look and on a pretended copy of it; it knows no screen and changes nothing.
"""
