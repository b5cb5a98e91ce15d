//! Secrets that are handed out once and stored as a hash only.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// A random secret of 256 bits, as text that fits a link, a cookie and a header.
pub struct Secret(String);

/// What is stored of a [`Secret`]. SHA-256 without salt is enough: 256 random bits cannot be guessed or listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretHash(pub String);

/// Bytes of a secret: 256 bits.
const SECRET_BYTES: usize = 32;

impl Secret {
    /// A new one.
    ///
    /// # Errors
    /// Where the machine has no source of random numbers.
    pub fn new() -> Result<Secret, getrandom::Error> {
        random_bytes::<SECRET_BYTES>().map(|bytes| Secret(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// To be shown once to whom it belongs.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// To be stored.
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(&self.0)
    }
}

impl SecretHash {
    /// Of a secret that somebody brought.
    pub fn of(text: &str) -> SecretHash {
        SecretHash(URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes())))
    }

    /// Of a secret that is short enough to be listed, so that it is hashed together with something random beside it.
    pub fn salted(salt: &str, text: &str) -> SecretHash {
        SecretHash::of(&format!("{salt}\n{text}"))
    }

    /// Whether two are the same, in a time that does not tell where they differ.
    pub fn is(&self, other: &SecretHash) -> bool {
        let differing = self.0.bytes().zip(other.0.bytes()).fold(0, |seen, (one, two)| seen | (one ^ two));
        self.0.len() == other.0.len() && differing == 0
    }
}

/// Random bytes from the operating system.
///
/// # Errors
/// Where the machine has no source of random numbers.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_secrets_differ_and_neither_is_its_hash() {
        let (one, two) = (Secret::new().unwrap(), Secret::new().unwrap());
        assert_ne!(one.text(), two.text());
        assert!(!one.hash().is(&two.hash()));
        assert!(one.hash().is(&SecretHash::of(one.text())));
        // 32 bytes in base64 without padding.
        assert_eq!(one.text().len(), 43);
    }
}
