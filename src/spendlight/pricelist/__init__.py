"""Where prices come from: the list that ships, a newer one fetched from LiteLLM, the user's own.

Prices never stand in the way: without a network the newest list at hand serves. A list is kept in
two files: Claude's models, which every report needs, and all others, read when one of them is met.

- `loading`: which lists count now.
- `files`: how a list is read and written, and what is refused.
- `others`: the models beside Claude's.
- `selecting`: what is kept of LiteLLM's list.
- `renewing`: fetches a newer one when that is due; `fetching`: the exchange with LiteLLM's server.
"""
