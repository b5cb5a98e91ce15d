//! Fingerprints of inputs: the same inputs give the same text, any change gives another.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The first 16 bytes of a SHA-256 digest in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Of a run of bytes.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let mut writer = FingerprintWriter::default();
        writer.bytes(bytes);
        writer.finish()
    }

    /// Of the printed form of a value.
    pub fn of_debug(value: &impl std::fmt::Debug) -> Self {
        let mut writer = FingerprintWriter::default();
        writer.debug(value);
        writer.finish()
    }

    /// As hexadecimal text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Collects the parts of a value, each with its length, so that no two different values run together.
#[derive(Default)]
pub struct FingerprintWriter(Sha256);

impl FingerprintWriter {
    /// Adds bytes.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    /// Adds the printed form of a value. `Debug` prints floats so that they read back to the same bits.
    pub fn debug(&mut self, value: &impl std::fmt::Debug) -> &mut Self {
        self.bytes(format!("{value:?}").as_bytes())
    }

    /// The fingerprint of all that was added.
    pub fn finish(self) -> Fingerprint {
        let digest = self.0.finalize();
        let mut text = String::with_capacity(32);
        for byte in digest.iter().take(16) {
            // Writing to a string cannot go wrong.
            let _ = write!(text, "{byte:02x}");
        }
        Fingerprint(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_that_run_together_differently_have_different_fingerprints() {
        let mut first = FingerprintWriter::default();
        first.bytes(b"ab").bytes(b"c");
        let mut second = FingerprintWriter::default();
        second.bytes(b"a").bytes(b"bc");
        assert_ne!(first.finish(), second.finish());
    }

    #[test]
    fn the_empty_fingerprint_is_stable() {
        // SHA-256 of eight zero bytes (the length of nothing), first half.
        assert_eq!(Fingerprint::of_bytes(b"").as_str(), "af5570f5a1810b7af78caf4bc70a660f");
    }
}
