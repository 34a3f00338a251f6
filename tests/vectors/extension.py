"""A bare SHA-256 with its secret in front, continued by somebody who does not know the secret.

Hash functions of this family end in their own state, so a digest can be taken up where it ended: behind the padding that
it put at the end of what was hashed. Source: FIPS 180-4, sections 5.1.1 and 6.2.2.
"""

import struct


def _primes(count):
    found = []
    number = 2
    while len(found) < count:
        if all(number % prime for prime in found):
            found.append(number)
        number += 1
    return found


def _root(number, degree):
    """The first 32 bits behind the point of the root."""
    wanted = number << (32 * degree)
    low, high = 0, 1 << 40
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**degree <= wanted else (low, middle)
    return low & 0xFFFFFFFF


K = [_root(prime, 3) for prime in _primes(64)]


def _rotated(word, by):
    return (word >> by | word << 32 - by) & 0xFFFFFFFF


def _compressed(state, block):
    words = list(struct.unpack(">16I", block))
    for at in range(16, 64):
        a, b = words[at - 15], words[at - 2]
        small = (_rotated(a, 7) ^ _rotated(a, 18) ^ a >> 3) + (_rotated(b, 17) ^ _rotated(b, 19) ^ b >> 10)
        words.append(words[at - 16] + words[at - 7] + small & 0xFFFFFFFF)
    a, b, c, d, e, f, g, h = state
    for word, constant in zip(words, K):
        first = h + (_rotated(e, 6) ^ _rotated(e, 11) ^ _rotated(e, 25)) + (e & f ^ ~e & g) + constant + word
        second = (_rotated(a, 2) ^ _rotated(a, 13) ^ _rotated(a, 22)) + (a & b ^ a & c ^ b & c)
        a, b, c, d, e, f, g, h = first + second & 0xFFFFFFFF, a, b, c, d + first & 0xFFFFFFFF, e, f, g
    return tuple(old + new & 0xFFFFFFFF for old, new in zip(state, (a, b, c, d, e, f, g, h)))


def padding(length):
    """What SHA-256 puts behind a message of this many bytes."""
    return b"\x80" + bytes((55 - length) % 64) + struct.pack(">Q", length * 8)


def extended(digest, length, more):
    """The digest of the message with this digest and length, its padding, and `more` behind it."""
    hashed = length + len(padding(length))
    rest = more + padding(hashed + len(more))
    state = struct.unpack(">8I", digest)
    for at in range(0, len(rest), 64):
        state = _compressed(state, rest[at : at + 64])
    return struct.pack(">8I", *state)
