import { fromNative } from "./error.js";
import { native } from "./native.js";

/** A pair of keys for Standard Webhooks' `v1a` signatures (Ed25519). */
export interface KeyPair {
  /** `whsk_…`: what the sender keeps, and signs with. */
  privateKey: string;
  /** `whpk_…`: what receivers verify with. */
  publicKey: string;
}

/** Makes a pair of keys for `standard_webhooks_ed25519`, from the random numbers of the platform. */
export function generateKeyPair(): KeyPair {
  const random = crypto.getRandomValues(new Uint8Array(32));
  try {
    const { privateKey, publicKey } = native.generateKeyPair(random);
    return { privateKey, publicKey };
  } catch (thrown) {
    throw fromNative(thrown);
  } finally {
    random.fill(0);
  }
}
