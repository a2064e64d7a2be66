"""Questions about usage: a module for each, with the code that answers it.

A face creates a question and passes it to `UsageTracker.ask`; the answer has the type that the
question declares. The caller imports the module of that question, so no other is loaded.
"""
