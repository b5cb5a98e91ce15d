//! Passwords: which are good enough, and how they are stored.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::numbers::{PasswordHashCost, SecurityNumbers};

/// Hashes passwords and compares them, a few at a time.
#[derive(Clone)]
pub struct Hasher {
    argon2: Argon2<'static>,
    /// A hash that belongs to nobody, compared with where there is no account, so that it takes as long.
    nobody: Arc<str>,
    turns: Arc<Semaphore>,
}

/// Why passwords cannot be hashed.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// The cost in the data is out of range.
    #[error(
        "the cost of password hashes in data/security.toml is out of range ({0}); see RFC 9106 for what Argon2id takes"
    )]
    Cost(String),
    /// The library refused.
    #[error("a password could not be hashed ({0}); try again")]
    Refused(String),
}

impl Hasher {
    /// With a cost.
    ///
    /// # Errors
    /// Where the cost is out of range.
    pub fn new(cost: &PasswordHashCost) -> Result<Hasher, HashError> {
        let range = |number: i64| u32::try_from(number).map_err(|_| HashError::Cost(number.to_string()));
        let params = Params::new(range(cost.memory_kib)?, range(cost.passes)?, range(cost.lanes)?, None)
            .map_err(|error| HashError::Cost(error.to_string()))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hashed(&argon2, "the password of nobody")?.into();
        let turns = usize::try_from(cost.at_once).map_err(|_| HashError::Cost(cost.at_once.to_string()))?;
        Ok(Hasher { argon2, nobody, turns: Arc::new(Semaphore::new(turns)) })
    }

    /// What is stored of a password.
    ///
    /// # Errors
    /// Where the library refuses.
    pub async fn hash(&self, password: String) -> Result<String, HashError> {
        let argon2 = self.argon2.clone();
        self.in_turn(move || hashed(&argon2, &password)).await?
    }

    /// Whether a password is the stored one; takes as long where nothing is stored.
    ///
    /// # Errors
    /// Where the hash was not computed at all.
    pub async fn fits(&self, password: String, stored: Option<&str>) -> Result<bool, HashError> {
        let known = stored.is_some();
        let stored = stored.unwrap_or(&self.nobody).to_owned();
        let argon2 = self.argon2.clone();
        let same = self.in_turn(move || {
            // The cost stands in the stored hash, so an older, cheaper one still opens.
            PasswordHash::new(&stored).is_ok_and(|hash| argon2.verify_password(password.as_bytes(), &hash).is_ok())
        });
        Ok(same.await? && known)
    }

    /// Off the threads that answer requests, and never more at once than the machine bears.
    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, HashError> {
        let refused = |error: &dyn std::fmt::Display| HashError::Refused(error.to_string());
        let _turn = self.turns.acquire().await.map_err(|error| refused(&error))?;
        tokio::task::spawn_blocking(work).await.map_err(|error| refused(&error))
    }
}

fn hashed(argon2: &Argon2<'_>, password: &str) -> Result<String, HashError> {
    let hash: Result<PasswordHash, _> = argon2.hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| HashError::Refused(error.to_string()))
}

/// Says why a password is not good enough, for its owner; nothing if it is. No rule asks for digits or signs.
pub fn weakness(password: &str, login: &str, numbers: &SecurityNumbers) -> Option<String> {
    let length = i64::try_from(password.chars().count()).unwrap_or(i64::MAX);
    let (shortest, longest) = (numbers.password.shortest, numbers.password.longest);
    if length < shortest {
        return Some(format!(
            "found {length} characters, expected at least {shortest}; a sentence of four or more words is easy to keep"
        ));
    }
    if length > longest {
        return Some(format!("found {length} characters, expected at most {longest}"));
    }
    let plain = plain(password);
    let login = self::plain(login);
    let words = numbers.blocklist.words.iter().map(String::as_str).chain([login.as_str()]);
    for word in words.filter(|word| !word.is_empty()) {
        if repeats(&plain, word) {
            return Some("this is one of the first passwords that somebody would try; choose another".to_string());
        }
    }
    if is_common(&plain) {
        return Some("this password is on a list of those that became public; choose another".to_string());
    }
    one_letter_or_row(&plain)
        .then(|| "this is one letter or a row of letters again and again; choose another".to_string())
}

/// Hashes of passwords that became public; the head of the file says which.
const COMMON: &str = include_str!("../../../../data/common_passwords.txt");

/// Bytes of a hash in that list: 48 bits, so that by chance one of thirty thousand million good passwords is refused.
const COMMON_BYTES: usize = 6;

fn is_common(plain: &str) -> bool {
    let hash = Sha256::digest(plain.as_bytes());
    let found: String = hash.iter().take(COMMON_BYTES).map(|byte| format!("{byte:02x}")).collect();
    COMMON.lines().any(|line| line == found)
}

/// Without case and without the signs that people add.
fn plain(text: &str) -> String {
    text.chars().filter(|letter| !" .-_!".contains(*letter)).flat_map(char::to_lowercase).collect()
}

/// Whether a text is a word, once or several times, with at most two characters after it.
fn repeats(text: &str, word: &str) -> bool {
    let rest = text.trim_start_matches(word);
    rest.len() < text.len() && rest.chars().count() <= 2
}

/// Whether each letter equals the one before it, or follows it; after nine comes nought.
fn one_letter_or_row(text: &str) -> bool {
    let after =
        |letter: char| if letter == '9' { '0' } else { char::from_u32(u32::from(letter) + 1).unwrap_or(letter) };
    let letters: Vec<char> = text.chars().collect();
    let all = |fits: &dyn Fn(char, char) -> bool| letters.windows(2).all(|pair| fits(pair[0], pair[1]));
    all(&|one, next| one == next) || all(&|one, next| after(one) == next) || all(&|one, next| one == after(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(password: &str) -> Option<String> {
        weakness(password, "maria.lopez", &SecurityNumbers::bundled().unwrap())
    }

    #[test]
    fn fifteen_characters_are_enough_and_fourteen_are_not() {
        assert!(judged("kettle orbit 9").is_some());
        assert_eq!(judged("kettle orbit 99"), None);
        assert_eq!(judged(&"ab3 ".repeat(32)), None);
        assert!(judged(&("ab3 ".repeat(32) + "x")).is_some());
    }

    #[test]
    fn characters_are_counted_and_not_bytes() {
        assert_eq!(judged("áéíóúñüçøåßþæœµ"), None);
        assert!(judged("áéíóúñüçøåßþæœ").is_some());
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        for weak in [
            "passwordpassword",
            "Password-Password!",
            "maria.lopezmaria.lopez",
            "aaaaaaaaaaaaaaaa",
            "abcdefghijklmnopq",
            "frostline frostline",
            "1234567890123456",
        ] {
            assert!(judged(weak).is_some(), "{weak}");
        }
    }

    #[test]
    fn what_became_public_is_refused_in_whatever_case_and_with_whatever_signs() {
        for weak in
            ["1qazxsw23edcvfr4", "q1w2e3r4t5y6u7i8", "123456789qwerty", "Yankees-Jason-Burrows", "qazwsxedc rfvtgb!"]
        {
            let why = judged(weak).unwrap_or_else(|| panic!("{weak} is taken"));
            assert!(why.contains("became public"), "{weak}: {why}");
        }
        // The standard asks for three thousand at least that are long enough.
        let hashes: Vec<&str> = COMMON.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(hashes.len() > 3000 && hashes.is_sorted() && hashes.iter().all(|hash| hash.len() == 2 * COMMON_BYTES));
    }

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only_and_nobody_s_never() {
        let hasher = Hasher::new(&SecurityNumbers::bundled().unwrap().password_hash).unwrap();
        let stored = hasher.hash("kettle orbit 99".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(hasher.fits("kettle orbit 99".into(), Some(&stored)).await.unwrap());
        assert!(!hasher.fits("kettle orbit 98".into(), Some(&stored)).await.unwrap());
        assert!(!hasher.fits("the password of nobody".into(), None).await.unwrap());
    }
}
