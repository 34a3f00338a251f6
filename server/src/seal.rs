//! Secrets at rest: XChaCha20-Poly1305 under one master key.
//!
//! **Invariants.** What is sealed for one purpose (an endpoint's id) cannot be opened for another. The master key is
//! wiped when dropped and never printed. A sealed value is one version byte, 24 bytes of nonce, then ciphertext and tag.

use std::{
    fmt, fs, io,
    io::{Read as _, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::Path,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::rng::{RandomError, Rng};

/// The 32 bytes under which every secret is sealed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct MasterKey([u8; KEY_LEN]);

impl MasterKey {
    /// Reads a key from text: 64 hex digits, or base64 of 32 bytes.
    ///
    /// # Errors
    /// [`SealError::BadKey`] when the text is neither.
    pub fn parse(text: &str) -> Result<Self, SealError> {
        let text = text.trim();
        let bytes = Zeroizing::new(match text.len() {
            HEX_LEN => hex::decode(text).map_err(|_| SealError::BadKey)?,
            _ => STANDARD.decode(text).map_err(|_| SealError::BadKey)?,
        });
        Ok(Self(bytes.as_slice().try_into().map_err(|_| SealError::BadKey)?))
    }

    /// Reads the key file.
    ///
    /// # Errors
    /// [`SealError::KeyFile`] when it cannot be read, [`SealError::KeyFileOpen`] when others may read it,
    /// [`SealError::BadKey`] when it holds no key.
    pub fn load(path: &Path) -> Result<Self, SealError> {
        let mut file = fs::File::open(path).map_err(SealError::KeyFile)?;
        if file.metadata().map_err(SealError::KeyFile)?.mode() & 0o077 != 0 {
            return Err(SealError::KeyFileOpen);
        }
        let mut bytes = Zeroizing::new(Vec::new());
        file.read_to_end(&mut bytes).map_err(SealError::KeyFile)?;
        Self::parse(str::from_utf8(&bytes).map_err(|_| SealError::BadKey)?)
    }

    /// Reads the key file, or makes it (mode 0600) where there is none.
    ///
    /// # Errors
    /// As [`load`](Self::load); [`SealError::KeyFile`] also when it cannot be made.
    pub fn load_or_create(path: &Path, rng: &dyn Rng) -> Result<Self, SealError> {
        match Self::load(path) {
            Err(SealError::KeyFile(error)) if error.kind() == io::ErrorKind::NotFound => {
                Self::create(path, rng)
            }
            loaded => loaded,
        }
    }

    fn create(path: &Path, rng: &dyn Rng) -> Result<Self, SealError> {
        let mut key = Self([0; KEY_LEN]);
        rng.fill(&mut key.0).map_err(SealError::Random)?;
        let text = Zeroizing::new(format!("{}\n", hex::encode(key.0)));
        let write = || {
            // Whole or not at all: a start that dies here, or finds the disk full, leaves no half key behind.
            let unfinished = path.with_extension("new");
            match fs::remove_file(&unfinished) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut open = fs::OpenOptions::new();
            let mut file = open.write(true).create_new(true).mode(0o600).open(&unfinished)?;
            file.write_all(text.as_bytes())?;
            // The key must be on disk before anything is sealed with it.
            file.sync_all()?;
            fs::rename(&unfinished, path)?;
            path.parent().map_or(Ok(()), |directory| fs::File::open(directory)?.sync_all())
        };
        write().map_err(SealError::KeyFile)?;
        Ok(key)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// Seals and opens secrets.
pub struct Sealer {
    cipher: XChaCha20Poly1305,
}

impl Sealer {
    /// A sealer under `key`.
    #[must_use]
    pub fn new(key: &MasterKey) -> Self {
        Self { cipher: XChaCha20Poly1305::new(&key.0.into()) }
    }

    /// Seals `secret` for `purpose`, for example the id of its endpoint.
    ///
    /// # Errors
    /// [`SealError::Random`] when there is no randomness for a nonce.
    pub fn seal(&self, secret: &[u8], purpose: &str, rng: &dyn Rng) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE_LEN];
        rng.fill(&mut nonce).map_err(SealError::Random)?;
        let payload = Payload { msg: secret, aad: purpose.as_bytes() };
        let ciphertext =
            self.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| SealError::NotOurs)?;
        Ok([&[VERSION][..], &nonce, &ciphertext].concat())
    }

    /// Opens what [`seal`](Self::seal) made for the same purpose.
    ///
    /// # Errors
    /// [`SealError::NotOurs`] when it was made under another key or for another purpose, or was changed.
    pub fn open(&self, sealed: &[u8], purpose: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (&version, rest) = sealed.split_first().ok_or(SealError::NotOurs)?;
        let (nonce, ciphertext) =
            rest.split_first_chunk::<NONCE_LEN>().ok_or(SealError::NotOurs)?;
        if version != VERSION {
            return Err(SealError::NotOurs);
        }
        let payload = Payload { msg: ciphertext, aad: purpose.as_bytes() };
        self.cipher
            .decrypt(&XNonce::from(*nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| SealError::NotOurs)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(…)")
    }
}

/// Why a key could not be had, or a secret not be sealed or opened.
#[derive(Debug)]
#[non_exhaustive]
pub enum SealError {
    /// The text is not a master key.
    BadKey,
    /// The key file cannot be read or made.
    KeyFile(io::Error),
    /// The key file can be read by others.
    KeyFileOpen,
    /// The value was not sealed under this key for this purpose.
    NotOurs,
    /// There was no randomness.
    Random(RandomError),
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadKey => {
                f.write_str("expected a master key of 32 bytes, as 64 hex digits or base64")
            }
            Self::KeyFile(error) => write!(f, "cannot read or make it: {error}"),
            Self::KeyFileOpen => f.write_str(
                "others can read it; `chmod 600` it, and change the key if they may have",
            ),
            Self::NotOurs => f.write_str(
                "a sealed value does not open: it was sealed under another master key, or changed",
            ),
            Self::Random(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SealError {}

const KEY_LEN: usize = 32;
const HEX_LEN: usize = 2 * KEY_LEN;
const NONCE_LEN: usize = 24;
const VERSION: u8 = 1;

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::rng::SeededRng;

    fn sealer(key: &str) -> Sealer {
        Sealer::new(&MasterKey::parse(key).unwrap())
    }

    #[test]
    fn a_secret_opens_only_with_its_key_for_its_purpose_unchanged() {
        let (ours, other) = (sealer(&"01".repeat(32)), sealer(&"02".repeat(32)));
        let sealed = ours.seal(b"whsec_x", "ep_1", &SeededRng::new(1)).unwrap();
        assert_eq!(ours.open(&sealed, "ep_1").unwrap().as_slice(), b"whsec_x");
        assert!(ours.open(&sealed, "ep_2").is_err());
        assert!(other.open(&sealed, "ep_1").is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(ours.open(&changed, "ep_1").is_err(), "byte {at}");
            assert!(ours.open(&sealed[..at], "ep_1").is_err(), "cut at {at}");
        }
    }

    #[test]
    fn keys_come_as_hex_or_base64_of_32_bytes() {
        let base64 = STANDARD.encode([1; 32]);
        let sealed = sealer(&"01".repeat(32)).seal(b"x", "p", &SeededRng::new(1)).unwrap();
        assert!(sealer(&base64).open(&sealed, "p").is_ok());
        for bad in ["", "01", &"zz".repeat(32), &STANDARD.encode([1; 31]), &"01".repeat(31)] {
            assert!(MasterKey::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_key_file_is_made_once_and_private() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("master.key");
        let made = MasterKey::load_or_create(&path, &SeededRng::new(1)).unwrap();
        let read = MasterKey::load_or_create(&path, &SeededRng::new(2)).unwrap();
        assert_eq!(made.0, read.0);
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);

        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(
            MasterKey::load_or_create(&path, &SeededRng::new(2)),
            Err(SealError::KeyFileOpen)
        ));
    }

    #[test]
    fn a_start_that_died_over_the_key_file_is_no_obstacle() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("master.key");
        fs::write(path.with_extension("new"), "0101").unwrap();
        let missing = MasterKey::load(&path);
        assert!(matches!(missing, Err(SealError::KeyFile(_))));
        MasterKey::load_or_create(&path, &SeededRng::new(1)).unwrap();
        MasterKey::load(&path).unwrap();
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
