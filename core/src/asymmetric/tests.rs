//! Keys in every form in which they are handed around, against signatures made elsewhere.
//!
//! `vectors.json` holds the examples of the RFCs and deliveries of providers; another implementation (pyca/cryptography)
//! has checked each signature and written the keys in the other forms.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use proptest::prelude::*;
use serde::Deserialize;

use super::{AsymmetricKey, EcdsaForm, HashAlgorithm, KeyPair};
use crate::error::ErrorCode;

/// The same key in several forms, and one signature of it.
#[derive(Deserialize)]
struct Vector {
    name: String,
    r#type: String,
    hash: String,
    form: String,
    message: String,
    signature: String,
    public: Vec<String>,
    private: Vec<String>,
}

impl Vector {
    fn all() -> Vec<Self> {
        serde_json::from_str(include_str!("vectors.json")).unwrap()
    }

    fn hash(&self) -> HashAlgorithm {
        match &*self.hash {
            "sha1" => HashAlgorithm::Sha1,
            "sha256" => HashAlgorithm::Sha256,
            "sha384" => HashAlgorithm::Sha384,
            "sha512" => HashAlgorithm::Sha512,
            other => panic!("{other}"),
        }
    }

    fn form(&self) -> EcdsaForm {
        if self.form == "fixed" { EcdsaForm::Fixed } else { EcdsaForm::Der }
    }

    fn signature(&self) -> Vec<u8> {
        STANDARD.decode(&self.signature).unwrap()
    }

    fn verifies(&self, key: &AsymmetricKey, message: &[u8], signature: &[u8]) -> bool {
        key.verify(self.hash(), self.form(), message, signature)
    }
}

fn one(text: &str) -> AsymmetricKey {
    let mut keys = AsymmetricKey::read(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(keys.len(), 1, "{text}");
    keys.remove(0)
}

/// Seed and public key.
fn halves(pair: &KeyPair) -> Vec<u8> {
    STANDARD.decode(pair.private_key().expose().strip_prefix("whsk_").unwrap()).unwrap()
}

#[test]
fn every_form_of_a_key_verifies() {
    let mut checked = 0;
    for vector in Vector::all() {
        for text in &vector.public {
            let key = one(text);
            assert_eq!(key.key_type().to_string(), vector.r#type, "{}", vector.name);
            assert!(!key.can_sign());
            let message = vector.message.as_bytes();
            assert!(vector.verifies(&key, message, &vector.signature()), "{text}");
            assert!(!vector.verifies(&key, &message[1..], &vector.signature()), "{text}");
            checked += 1;
        }
    }
    assert_eq!(checked, 93);
}

#[test]
fn every_form_of_a_private_key_signs() {
    let mut signed = 0;
    for vector in Vector::all() {
        for text in &vector.private {
            let key = one(text);
            let message = vector.message.as_bytes();
            assert!(key.can_sign());
            assert!(vector.verifies(&key, message, &vector.signature()), "{text}");
            let signature = key.sign(vector.hash(), vector.form(), message).unwrap();
            assert!(vector.verifies(&one(&vector.public[0]), message, &signature), "{text}");
            assert_eq!(signature, key.sign(vector.hash(), vector.form(), message).unwrap());
            signed += 1;
        }
    }
    assert_eq!(signed, 19);
}

#[test]
fn one_flipped_bit_is_refused() {
    for vector in Vector::all() {
        let key = one(&vector.public[0]);
        let signature = vector.signature();
        // Meets every byte, and every place in a byte.
        for bit in (0..signature.len() * 8).step_by(7) {
            let mut flipped = signature.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let message = vector.message.as_bytes();
            assert!(!vector.verifies(&key, message, &flipped), "{} {bit}", vector.name);
        }
        for len in [0, 1, signature.len() - 1] {
            assert!(!vector.verifies(&key, vector.message.as_bytes(), &signature[..len]));
        }
        let longer = [&signature[..], &[0]].concat();
        assert!(!vector.verifies(&key, vector.message.as_bytes(), &longer), "{}", vector.name);
    }
}

/// RFC 8032 §7.1, tests 1 to 3.
#[test]
fn signs_rfc_8032() {
    for (seed, public, message, signature) in [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ] {
        let message = hex::decode(message).unwrap();
        let key = one(&format!("whsk_{}", STANDARD.encode(hex::decode(seed).unwrap())));
        let made = key.sign(HashAlgorithm::Sha256, EcdsaForm::Der, &message).unwrap();
        assert_eq!(hex::encode(&made), signature);
        assert!(one(public).verify(HashAlgorithm::Sha1, EcdsaForm::Fixed, &message, &made));
    }
}

/// RFC 6979 §A.2.5 to §A.2.7: the message `sample`.
#[test]
fn signs_rfc_6979() {
    use HashAlgorithm::{Sha1, Sha256, Sha384, Sha512};
    const P256: &str = "303102010104 20 c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721 a00a06082a8648ce3d030107";
    const P384: &str = "303e02010104 30 6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5 a00706052b81040022";
    const P521: &str = "305002010104 42 00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538 a00706052b81040023";
    for (key, hash, signature) in [
        (
            P256,
            Sha1,
            "61340c88c3aaebeb4f6d667f672ca9759a6ccaa9fa8811313039ee4a35471d326d7f147dac089441bb2e2fe8f7a3fa264b9c475098fdcf6e00d7c996e1b8b7eb",
        ),
        (
            P256,
            Sha256,
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
        ),
        (
            P384,
            Sha384,
            "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe4699ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8",
        ),
        (
            P521,
            Sha512,
            "00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa00617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af282623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a",
        ),
    ] {
        let key = one(&key.replace(' ', ""));
        let made = key.sign(hash, EcdsaForm::Fixed, b"sample").unwrap();
        assert_eq!(hex::encode(&made), signature);
        assert!(key.verify(hash, EcdsaForm::Fixed, b"sample", &made));
        let der = key.sign(hash, EcdsaForm::Der, b"sample").unwrap();
        assert!(key.verify(hash, EcdsaForm::Der, b"sample", &der));
        assert!(!key.verify(hash, EcdsaForm::Fixed, b"sample", &der));
    }
}

#[test]
fn key_sets_keep_ids_and_pass_over_the_rest() {
    // The keys of RFC 7517 §A.1 (one for encryption, one for signatures) and one of another kind.
    let rsa = r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#;
    let ec = r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"enc","kid":"1"}"#;
    let keys = AsymmetricKey::read(&format!(r#"{{"keys":[{ec},{rsa},{{"kty":"AKP"}},3]}}"#));
    let ids: Vec<_> =
        keys.unwrap().iter().map(|key| key.key_id().unwrap_or_default().to_owned()).collect();
    assert_eq!(ids, ["2011-04-29"]);
    assert_eq!(one(&Vector::all()[0].public[0]).key_id(), None);
}

#[test]
fn every_block_of_a_pem_text_is_read() {
    let vectors = Vector::all();
    let text = format!("{}\n# next year\n{}", vectors[0].public[0], vectors[2].public[0]);
    let types: Vec<_> = AsymmetricKey::read(&text).unwrap();
    let types: Vec<_> = types.iter().map(|key| key.key_type().to_string()).collect();
    assert_eq!(types, ["Ed25519", "P-256"]);
}

#[test]
fn generated_pair_signs_and_verifies() {
    let pair = KeyPair::generate(&[7; 32]).unwrap();
    let (private, public) = (one(pair.private_key().expose()), one(pair.public_key()));
    let signature = private.sign(HashAlgorithm::Sha256, EcdsaForm::Der, b"x").unwrap();
    assert!(public.verify(HashAlgorithm::Sha256, EcdsaForm::Der, b"x", &signature));
    let halves = halves(&pair);
    assert_eq!(halves[..32], [7; 32]);
    assert_eq!(STANDARD.encode(&halves[32..]), pair.public_key().trim_start_matches("whpk_"));
    for len in [0, 31, 33, 64] {
        assert_eq!(
            KeyPair::generate(&vec![7; len]).unwrap_err().code(),
            ErrorCode::InvalidArgument
        );
    }
}

#[test]
fn keys_without_a_private_part_do_not_sign() {
    for vector in Vector::all() {
        let error = one(&vector.public[0]).sign(vector.hash(), vector.form(), b"x").unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidSecret);
        let said = if vector.r#type == "RSA" { "RSA keys only verify" } else { "private key" };
        assert!(error.message().contains(said), "{error}");
    }
}

#[test]
fn debug_says_the_kind_alone() {
    let pair = KeyPair::generate(&[7; 32]).unwrap();
    assert_eq!(format!("{:?}", one(pair.private_key().expose())), "AsymmetricKey(Ed25519 …)");
    assert!(!format!("{pair:?}").contains("whsk_"));
}

#[test]
fn refusals_say_what_came_but_not_the_text() {
    let pair = KeyPair::generate(&[7; 32]).unwrap();
    let [private, other] = [7, 8].map(|byte| {
        let pair = KeyPair::generate(&[byte; 32]).unwrap();
        halves(&pair)
    });
    let mixed = format!("whsk_{}", STANDARD.encode([&private[..32], &other[32..]].concat()));
    let short = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQ";
    for (text, said) in [
        ("", "got 0 bytes of other text"),
        ("hunter2 hunter2", "got 15 bytes of other text"),
        ("whsec_bm90IGEgcHVibGljIGtleQ==", "shared secret (`whsec_`)"),
        ("whpk_bm90IGEgcHVibGljIGtleQ==", "has 32 bytes, got 16"),
        ("whpk_*", "base64 after `whpk_`"),
        ("whsk_bm90IGEgcHVibGljIGtleQ==", "has 32 bytes, got 16"),
        (&mixed, "another key's"),
        (&format!("{}AA", pair.public_key()), "base64 after `whpk_`"),
        // The neutral element: every signature of it verifies somewhere.
        (&format!("01{}", "00".repeat(31)), "small order"),
        (&format!("02{}", "00".repeat(31)), "not an Ed25519 public key"),
        (&format!("{}7f", "ff".repeat(31)), "not an Ed25519 public key"),
        (short, "got 28 other bytes"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA", "without its END line"),
        ("-----BEGIN PUBLIC KEY", "inside its BEGIN line"),
        ("-----BEGIN PUBLIC KEY-----\n?\n-----END PUBLIC KEY-----", "does not hold base64"),
        ("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----", "got 0 other bytes"),
        ("-----BEGIN EC PARAMETERS-----\n-----END EC PARAMETERS-----", "holds no key"),
        (
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----",
            "got an encrypted one",
        ),
        ("{", "begins like JSON"),
        ("{}", "with `kty`, `keys`, `key` or `publicKey`"),
        (r#"{"kty":"oct","k":"c2VjcmV0"}"#, "got `oct`"),
        (r#"{"kty":"OKP","crv":"X25519","x":"AA"}"#, "got `OKP` of curve `X25519`"),
        (r#"{"kty":"OKP","crv":"Ed25519"}"#, "has no `x`"),
        (r#"{"kty":"OKP","crv":"Ed25519","x":"?"}"#, "`x` of the JWK is not base64url"),
        (r#"{"kty":"OKP","crv":"Ed25519","x":3}"#, "not a plain string"),
        (
            r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#,
            "`x` of a P-256 JWK has 32 bytes, got 1",
        ),
        (r#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#, "1024 to 8192 bits here, got 17"),
        (r#"{"kty":"RSA","use":"enc"}"#, "got `use` `enc`"),
        (r#"{"keys":[]}"#, "among its 0 keys"),
        (r#"{"keys":[{"kty":"oct"}]}"#, "among its 1 keys"),
    ] {
        let error = AsymmetricKey::read(text).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidSecret, "{text}");
        assert!(error.message().contains(said), "{text}: {error}");
        assert!(!error.message().contains("hunter2"));
    }
    let many = format!(r#"{{"keys":[{}]}}"#, vec![r#"{"kty":"oct"}"#; 65].join(","));
    assert!(AsymmetricKey::read(&many).unwrap_err().message().contains("at most 64"));
    assert!(AsymmetricKey::read(&"a".repeat(1 << 20)).unwrap_err().message().contains("at most"));
}

#[test]
fn rsa_numbers_have_bounds() {
    let jwk = |bytes: usize, first: u8, last: u8, exponent: &[u8]| {
        let mut modulus = vec![0xff; bytes];
        (modulus[0], modulus[bytes - 1]) = (first, last);
        let url = |bytes: &[u8]| {
            STANDARD.encode(bytes).replace('+', "-").replace('/', "_").replace('=', "")
        };
        AsymmetricKey::read(&format!(
            r#"{{"kty":"RSA","n":"{}","e":"{}"}}"#,
            url(&modulus),
            url(exponent)
        ))
    };
    assert!(jwk(128, 0x80, 1, &[3]).is_ok());
    assert!(jwk(1024, 0xff, 1, &[1, 0xff, 0xff, 0xff, 0xff]).is_ok());
    for (refused, said) in [
        (jwk(128, 0x7f, 1, &[3]), "got 1023"),
        (jwk(1025, 1, 1, &[3]), "got 8193"),
        (jwk(256, 0xff, 0xfe, &[3]), "even"),
        (jwk(256, 0xff, 1, &[]), "exponent"),
        (jwk(256, 0xff, 1, &[1]), "exponent"),
        (jwk(256, 0xff, 1, &[4]), "exponent"),
        (jwk(256, 0xff, 1, &[3, 0, 0, 0, 1]), "exponent"),
    ] {
        let error = refused.unwrap_err();
        assert!(error.message().contains(said), "{error}");
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,200}", bytes: Vec<u8>, prefix in "|whpk_|whsk_|\\{\"kty\":\"(EC|OKP|RSA)\",|-----BEGIN [A-Z ]{0,12}-----") {
        for text in [text.clone(), hex::encode(&bytes), STANDARD.encode(&bytes)] {
            let _ = AsymmetricKey::read(&format!("{prefix}{text}"));
            let _ = AsymmetricKey::read(&format!("{prefix}{text}-----END PUBLIC KEY-----"));
        }
    }

    /// A key with one byte changed or cut off is refused, or is another key.
    #[test]
    fn no_damaged_key_panics(vector in prop::sample::select((0..15usize).collect::<Vec<_>>()), form: prop::sample::Index, at: prop::sample::Index, with in "[ -~]", cut: bool) {
        let vector = &Vector::all()[vector];
        let texts: Vec<_> = vector.public.iter().chain(&vector.private).collect();
        let mut text = form.get(&texts).to_string();
        let at = at.index(text.len());
        if cut { text.truncate(at) } else { text.replace_range(at..=at, &with) }
        for key in AsymmetricKey::read(&text).unwrap_or_default() {
            let _ = vector.verifies(&key, vector.message.as_bytes(), &vector.signature());
        }
    }

    #[test]
    fn no_signature_verifies_by_chance(vector in prop::sample::select((0..15usize).collect::<Vec<_>>()), signature in prop::collection::vec(any::<u8>(), 0..300), message: Vec<u8>) {
        let vector = &Vector::all()[vector];
        let key = one(&vector.public[0]);
        for form in [EcdsaForm::Der, EcdsaForm::Fixed] {
            prop_assert!(!key.verify(vector.hash(), form, &message, &signature));
        }
    }
}
