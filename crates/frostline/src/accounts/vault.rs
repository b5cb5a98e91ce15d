//! Secrets that must be read again, such as those of authenticators: kept encrypted (ChaCha20-Poly1305 of the library ring), so
//! that whoever holds the database alone cannot use them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::secret::random_bytes;

/// Bytes of a key: 256 bits.
const KEY_BYTES: usize = 32;

/// Bytes of a key's name; two of a handful never meet.
const NAME_BYTES: usize = 4;

/// What stands before everything that is encrypted.
const SEALED: &str = "sealed";

/// Keys, the newest first: it encrypts, and every one of them decrypts.
#[derive(Clone)]
pub struct SecretKeys(Vec<SecretKey>);

#[derive(Clone)]
struct SecretKey {
    name: String,
    bytes: [u8; KEY_BYTES],
}

/// Why a secret cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// No random numbers.
    #[error("the machine gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
    /// Not what this program writes.
    #[error(
        "line {line} of the key file is no key, expected a name and 43 letters of base64, as 'frostline keys' writes them; take the file from its backup"
    )]
    NoKey {
        /// Which line.
        line: usize,
    },
    /// The file is empty.
    #[error("the key file holds no key; take it from its backup")]
    Empty,
    /// Encrypted with another key.
    #[error(
        "a secret was encrypted with the key '{0}', which is not in the key file; take the file from its backup, or let the owners of the accounts turn their authenticators on anew"
    )]
    UnknownKey(String),
    /// Changed, or moved from another account.
    #[error("a secret is not what was encrypted: it was changed or belongs to another account")]
    Tampered,
}

impl SecretKeys {
    /// One new key.
    ///
    /// # Errors
    /// Where the machine has no source of random numbers.
    pub fn new() -> Result<SecretKeys, VaultError> {
        Ok(SecretKeys(vec![SecretKey::new()?]))
    }

    /// The same with a new key before them.
    ///
    /// # Errors
    /// Where the machine has no source of random numbers.
    pub fn with_new(&self) -> Result<SecretKeys, VaultError> {
        let mut keys = vec![SecretKey::new()?];
        keys.extend(self.0.iter().cloned());
        Ok(SecretKeys(keys))
    }

    /// Only the newest.
    pub fn newest(&self) -> SecretKeys {
        SecretKeys(self.0.iter().take(1).cloned().collect())
    }

    /// From the text of a key file.
    ///
    /// # Errors
    /// Where a line is no key, or there is none.
    pub fn from_text(text: &str) -> Result<SecretKeys, VaultError> {
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
        let keys = lines.map(|(at, line)| SecretKey::from_line(line).ok_or(VaultError::NoKey { line: at + 1 }));
        let keys: Vec<SecretKey> = keys.collect::<Result<_, _>>()?;
        if keys.is_empty() { Err(VaultError::Empty) } else { Ok(SecretKeys(keys)) }
    }

    /// For a key file.
    pub fn to_text(&self) -> String {
        let line = |key: &SecretKey| format!("{} {}\n", key.name, STANDARD_NO_PAD.encode(key.bytes));
        let head =
            "# Keys of frostline, the newest first. Whoever has this file and the database can copy authenticators.\n";
        head.to_string() + &self.0.iter().map(line).collect::<String>()
    }

    /// Encrypts a secret for its owner.
    ///
    /// # Errors
    /// Where the machine has no source of random numbers.
    pub fn seal(&self, owner: &str, secret: &str) -> Result<String, VaultError> {
        let key = self.0.first().ok_or(VaultError::Empty)?;
        // Random: a key sees a handful of secrets a day, and 96 bits meet by chance only after 2^48 of them.
        let nonce = random_bytes::<NONCE_LEN>()?;
        let mut bytes = secret.as_bytes().to_vec();
        let sealing = key.opened().ok_or(VaultError::Tampered)?;
        sealing
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(owner.as_bytes()), &mut bytes)
            .map_err(|_| VaultError::Tampered)?;
        let text = STANDARD_NO_PAD.encode([nonce.as_slice(), &bytes].concat());
        Ok(format!("{SEALED}:{}:{text}", key.name))
    }

    /// Decrypts a secret of its owner.
    ///
    /// # Errors
    /// Where it was not encrypted here, for this owner, with one of these keys.
    pub fn open(&self, owner: &str, sealed: &str) -> Result<String, VaultError> {
        let (name, text) = parts(sealed).ok_or(VaultError::Tampered)?;
        let key = self.0.iter().find(|key| key.name == name);
        let key = key.ok_or_else(|| VaultError::UnknownKey(name.to_owned()))?;
        self::opened(key, owner, text).ok_or(VaultError::Tampered)
    }

    /// Whether a stored secret is encrypted with the newest key.
    pub fn is_newest(&self, stored: &str) -> bool {
        parts(stored).is_some_and(|(name, _)| self.0.first().is_some_and(|key| key.name == name))
    }
}

/// Whether a stored secret is encrypted at all.
pub fn is_sealed(stored: &str) -> bool {
    parts(stored).is_some()
}

/// The name of the key, and what it encrypted.
fn parts(stored: &str) -> Option<(&str, &str)> {
    stored.strip_prefix(SEALED)?.strip_prefix(':')?.split_once(':')
}

fn opened(key: &SecretKey, owner: &str, text: &str) -> Option<String> {
    let bytes = STANDARD_NO_PAD.decode(text).ok()?;
    let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut sealed = sealed.to_vec();
    let plain = key.opened()?.open_in_place(nonce, Aad::from(owner.as_bytes()), &mut sealed).ok()?;
    String::from_utf8(plain.to_vec()).ok()
}

impl SecretKey {
    fn new() -> Result<SecretKey, VaultError> {
        let name = random_bytes::<NAME_BYTES>()?.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(SecretKey { name, bytes: random_bytes()? })
    }

    fn from_line(line: &str) -> Option<SecretKey> {
        let (name, text) = line.trim().split_once(' ')?;
        let bytes = STANDARD_NO_PAD.decode(text.trim()).ok()?.try_into().ok()?;
        let fits = !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric());
        fits.then(|| SecretKey { name: name.to_owned(), bytes })
    }

    fn opened(&self) -> Option<LessSafeKey> {
        UnboundKey::new(&CHACHA20_POLY1305, &self.bytes).ok().map(LessSafeKey::new)
    }
}

impl std::fmt::Debug for SecretKeys {
    /// The names only.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|key| &key.name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_for_its_owner_and_for_nobody_else() {
        let keys = SecretKeys::new().unwrap();
        let sealed = keys.seal("nurse", "JBSWY3DP").unwrap();
        assert!(!sealed.contains("JBSWY3DP") && sealed != keys.seal("nurse", "JBSWY3DP").unwrap());
        assert_eq!(keys.open("nurse", &sealed).unwrap(), "JBSWY3DP");
        assert!(matches!(keys.open("coder", &sealed), Err(VaultError::Tampered)), "moved to another account");
        assert!(matches!(keys.open("nurse", "JBSWY3DP"), Err(VaultError::Tampered)), "never sealed");
        let (head, last) = sealed.split_at(sealed.len() - 1);
        let other = if last == "A" { "Q" } else { "A" };
        assert!(keys.open("nurse", &format!("{head}{other}")).is_err());
        let others = SecretKeys::new().unwrap();
        assert!(matches!(others.open("nurse", &sealed), Err(VaultError::UnknownKey(_))));
    }

    #[test]
    fn an_older_key_still_opens_until_it_is_left_out() {
        let old = SecretKeys::new().unwrap();
        let sealed = old.seal("nurse", "x").unwrap();
        let both = SecretKeys::from_text(&old.with_new().unwrap().to_text()).unwrap();
        assert_eq!(both.open("nurse", &sealed).unwrap(), "x");
        assert!(!both.is_newest(&sealed) && both.is_newest(&both.seal("nurse", "x").unwrap()));
        assert!(both.newest().open("nurse", &sealed).is_err());
    }

    #[test]
    fn a_damaged_key_file_is_named_by_its_line_and_never_shown() {
        let text = SecretKeys::new().unwrap().to_text();
        assert!(matches!(SecretKeys::from_text(&(text.clone() + "abcd short\n")), Err(VaultError::NoKey { line: 3 })));
        assert!(matches!(SecretKeys::from_text("# nothing\n"), Err(VaultError::Empty)));
        let shown = format!("{:?}", SecretKeys::from_text(&text).unwrap());
        assert!(shown.len() < 16, "{shown}");
    }
}
