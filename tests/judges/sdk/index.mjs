// The table: one entry for each scheme that a library knows.
//
//   sdk         its name on the registry
//   scheme      the row of the catalogue
//   secret      what sender and receiver share; of a key pair, `signing` is the sender's half, `verifying` the receiver's
//   wrong       another one of the same kind
//   config      the settings of the scheme, where it has any
//   method      of the request, if not POST
//   url         of the request, if it matters; or a function of the body
//   headers     what comes with a message besides the signature, a function of the message
//   bodies      what is sent, if not just any JSON; a function of the time in milliseconds
//   accepts     whether the library takes a delivery, asked with a secret; it may refuse with `false` or throw
//   signs       the headers that the library signs a message with; where it cannot sign, as its provider documents
//   writes      in place of `signs`: the body, where the signature is in there
//   change      a delivery that must not pass, made of one that does; if not with another amount in the body
//   verifyOnly  for senders that we do not play

import address from "./address.mjs";
import body from "./body.mjs";
import form from "./form.mjs";
import keyPair from "./key-pair.mjs";
import standard from "./standard.mjs";
import timed from "./timed.mjs";
import token from "./token.mjs";

export default [...standard, ...body, ...timed, ...address, ...keyPair, ...token, ...form];
