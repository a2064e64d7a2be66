"""What can be asked of the usage: a module for each question, with the code that answers it.

A face makes a question and hands it to `UsageTracker.ask`; what comes back has the type that the
question names. Whoever asks imports the module of that question, so no other is loaded.
"""
