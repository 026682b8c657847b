"""The Customer Chat API 3.5 and 3.6 as it travels: one frozen struct per structure.

Names are the API's own. Every field but ids has a default, so what a server leaves out is never
an error; what it adds is ignored (the record keeps the bytes). Codes and kinds are plain `str`:
an unknown one is data, not a failure. Optional means `None`; an absent list is an empty tuple
(`base.ABSENT`), which encodes back to nothing where a received `[]` encodes to `[]`.

Structs are shared by the log's readers, so their maps are read-only by agreement.
"""
