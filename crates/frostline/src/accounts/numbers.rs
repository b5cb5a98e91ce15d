//! The numbers of `data/security.toml`, read once.

use serde::Deserialize;

/// A number with where it comes from.
#[derive(Clone, Debug, Deserialize)]
struct Sourced {
    value: i64,
    #[allow(dead_code, reason = "held against sources.toml by a test")]
    source: String,
    #[allow(dead_code, reason = "held against the known words by a test")]
    status: String,
}

macro_rules! section {
    ($(#[$doc:meta])* $name:ident { $($field:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize)]
        #[allow(missing_docs, reason = "each is explained where it stands, in data/security.toml")]
        pub struct $name { $(#[serde(deserialize_with = "bare")] pub $field: i64),+ }
    };
}

fn bare<'de, D: serde::Deserializer<'de>>(reader: D) -> Result<i64, D::Error> {
    Sourced::deserialize(reader).map(|sourced| sourced.value)
}

section!(
    /// Cost of a password hash.
    PasswordHashCost { memory_kib, passes, lanes, at_once }
);
section!(
    /// What a password must be. Unit: characters.
    PasswordLength { shortest, longest }
);
section!(
    /// How long sessions last.
    SessionTimes { idle_s, longest_s, seen_every_s, fresh_s, patient_idle_s, patient_longest_s }
);
section!(
    /// How many failures are borne, and the waits after that.
    Tries {
        per_account_and_address,
        per_account,
        per_address,
        per_invitation,
        first_wait_s,
        longest_wait_s,
        forgotten_after_s,
    }
);
section!(
    /// How long links with one-time secrets live.
    LinkTimes { first_administrator_s, password_s, invitation_s }
);
section!(
    /// Signing in by a provider.
    OpenIdNumbers { flow_s, keys_kept_s, clock_slack_s, answer_within_s, largest_answer_bytes }
);
section!(
    /// How many requests are borne.
    RequestRates { account_at_once, account_per_s, address_at_once, address_per_s }
);
section!(
    /// The codes of an authenticator.
    OneTimeCode { step_s, steps_of_slack, digits, recovery_codes }
);
section!(
    /// Access in an emergency.
    BreakGlass { lasts_s, shortest_reason }
);
section!(
    /// Bounds of the server.
    ServerBounds {
        largest_body_bytes,
        longest_answer_s,
        longest_upload_s,
        longest_head_s,
        stop_within_s,
        strict_transport_s,
        answers_kept_s,
        page_default,
        page_largest,
        bookings_largest,
        feed_days_back,
    }
);

/// Words that no password may be made of.
#[derive(Clone, Debug, Deserialize)]
pub struct Blocklist {
    /// In lower case.
    pub words: Vec<String>,
}

/// Everything in `data/security.toml`.
#[derive(Clone, Debug, Deserialize)]
#[allow(missing_docs, reason = "each section is explained at its type")]
pub struct SecurityNumbers {
    pub password_hash: PasswordHashCost,
    pub password: PasswordLength,
    pub blocklist: Blocklist,
    pub session: SessionTimes,
    pub tries: Tries,
    pub links: LinkTimes,
    pub openid: OpenIdNumbers,
    pub requests: RequestRates,
    pub one_time_code: OneTimeCode,
    pub break_glass: BreakGlass,
    pub server: ServerBounds,
}

const TEXT: &str = include_str!("../../../../data/security.toml");

impl SecurityNumbers {
    /// The numbers that the program was built with.
    ///
    /// # Errors
    /// Where `data/security.toml` lacks a number or says more than is understood.
    pub fn bundled() -> Result<SecurityNumbers, toml::de::Error> {
        toml::from_str(TEXT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sourced_numbers() -> Vec<(String, toml::Table)> {
        let file: toml::Table = TEXT.parse().unwrap();
        let mut found = Vec::new();
        for (section, rows) in &file {
            let rows = rows.as_table().unwrap();
            if rows.contains_key("words") {
                found.push((section.clone(), rows.clone()));
                continue;
            }
            found.extend(rows.iter().map(|(name, row)| (format!("{section}.{name}"), row.as_table().unwrap().clone())));
        }
        found
    }

    #[test]
    fn every_number_names_a_listed_source_and_a_known_status() {
        let sources = include_str!("../../../../data/sources.toml");
        for (name, row) in sourced_numbers() {
            let source = row["source"].as_str().unwrap();
            assert!(sources.contains(&format!("id = \"{source}\"")), "{name} names the unlisted source {source}");
            let status = row["status"].as_str().unwrap();
            let known = ["seen", "computed", "recalled-unverified", "design"];
            assert!(known.contains(&status), "{name} has the status {status}");
        }
    }

    #[test]
    fn the_bundled_numbers_can_be_read() {
        let numbers = SecurityNumbers::bundled().unwrap();
        assert!(numbers.password.shortest < numbers.password.longest);
        assert!(numbers.session.idle_s < numbers.session.longest_s);
    }
}
