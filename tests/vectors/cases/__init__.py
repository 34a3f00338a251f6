"""What single schemes must accept and refuse beyond what all share.

`CASES` maps a scheme, or a scheme and the comment of one of its deliveries, to a function. It takes the delivery and
gives `(comment, flags, delivery, outcome)`: the outcome is an error code, or what is expected besides what the delivery
expects.
"""

from . import bodies, headers, tokens

CASES = {**headers.CASES, **bodies.CASES, **tokens.CASES}
