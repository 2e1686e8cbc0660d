"""The command line: parsing, printing, exit statuses. Nothing else prints.

Exit statuses: 0 all is well, 1 some photographs were refused or failed, 2 the call or the
settings are wrong, 130 interrupted.
"""
