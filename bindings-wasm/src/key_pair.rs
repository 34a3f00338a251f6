//! New pairs of keys.

use hookseal::KeyPair;
use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::error::{Result, thrown};

/// A private key, which signs, and the public key that its receivers verify with.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NativeKeyPair<'a> {
    private_key: &'a str,
    public_key: &'a str,
}

/// Makes a pair of keys of 32 random bytes.
#[wasm_bindgen(js_name = generateKeyPair, unchecked_return_type = "{ privateKey: string; publicKey: string }")]
pub fn generate_key_pair(random: &[u8]) -> Result<JsValue> {
    let pair = KeyPair::generate(random).map_err(thrown)?;
    let pair =
        NativeKeyPair { private_key: pair.private_key().expose(), public_key: pair.public_key() };
    Ok(serde_wasm_bindgen::to_value(&pair)?)
}
