"""Clients as code: `clients.toml` says what there is to be; `plan` shows the difference, `apply` makes it so.

reading   the file: which keys, which types, one problem per mistake
entry     what an entry means: defaults of its profile, people and groups by name
secrets   values that stand in the environment or in files, kept as digests
plan      the difference to the database; reads only
apply     the plan, through the rooms that record what happens, in one transaction
export    what there is, as a file in which `plan` finds no difference
"""
