"""How the memory grew: Alembic's environment and one revision per change of the schema.

Shipped in the wheel; `livechat_customer.store.upgrade` runs it when a log is opened.
"""
