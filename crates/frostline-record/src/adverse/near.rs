//! Words that look alike: what somebody meant who mistyped a key.

/// A word of this many letters may have one wrong, one of twice as many two: enough for two letters that changed places.
const LETTERS_PER_MISTAKE: usize = 3;

/// Two words that begin alike for this many letters, and for half of the longer one, may be forms of one word.
const LETTERS_OF_A_STEM: usize = 4;

/// Whether a name, or a whole word of it, is what was written but for a few letters or its ending.
pub fn look_alike(name: &str, written: &str) -> bool {
    let (name, written) = (plain(name), plain(written));
    let words = name.split(' ').filter(|word| word.chars().count() >= LETTERS_PER_MISTAKE);
    std::iter::once(name.as_str()).chain(words).any(|word| is_nearly(word, &written))
}

fn is_nearly(word: &str, written: &str) -> bool {
    let (length, longer) = (written.chars().count(), written.chars().count().max(word.chars().count()));
    let alike = word.chars().zip(written.chars()).take_while(|(one, other)| one == other).count();
    let stem = alike >= LETTERS_OF_A_STEM && 2 * alike >= longer;
    stem || mistakes(word, written) <= length / LETTERS_PER_MISTAKE
}

/// In small letters, with spaces for everything between words.
fn plain(text: &str) -> String {
    let letters: String = text.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    letters.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The least number of letters to add, leave out or change (Levenshtein).
fn mistakes(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (n, letter) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], n + 1);
        for (m, wanted) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *wanted);
            diagonal = row[m + 1];
            row[m + 1] = changed.min(row[m] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_counted_letter_by_letter() {
        assert_eq!(mistakes("bruise", "brusie"), 2);
        assert_eq!(mistakes("", "abc"), 3);
        assert_eq!(mistakes("fall", "fall"), 0);
        assert_eq!(mistakes("haematoma", "hematoma"), 1);
    }

    #[test]
    fn a_slip_looks_alike_and_another_word_does_not() {
        assert!(look_alike("haematoma", "Hematoma"));
        assert!(look_alike("haematoma", "hematomma"));
        assert!(look_alike("toxicity of local anaesthetic", "toxicity"));
        assert!(look_alike("infection", "infect"));
        assert!(!look_alike("fall", "ball game"));
        assert!(!look_alike("infection", ""));
        assert!(!look_alike("bruise", "xyz"));
    }
}
