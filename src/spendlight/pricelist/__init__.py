"""Price lists: the shipped one, a newer one fetched from LiteLLM, and the user's own.

Prices never cause a failure: without a network the newest available list is used. A list is kept in
two files: Claude's models, which every report needs, and all others, read when one is needed.

- `loading`: which lists are used.
- `files`: how a list is read and written, and what is rejected.
- `others`: the models other than Claude's.
- `selecting`: the part of LiteLLM's list that is kept.
- `renewing`: fetches a newer one when that is due; `fetching`: requests to LiteLLM's server.
"""
