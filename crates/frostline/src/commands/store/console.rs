//! What is done to the store at the console is in the audit like everything else: who, what, when, and what came of it.

use std::error::Error;

use uuid::Uuid;

use crate::audit::{Audit, AuditError, Entry};
use crate::server::Clock;
use crate::store::{Store, StreamId};

/// Begun; the entry with the same number of request says how it ended.
const BEGUN: u16 = 202;
/// Done.
const DONE: u16 = 200;
/// Not done; the console said why.
const NOT_DONE: u16 = 500;

/// A command that is being carried out.
pub struct AtConsole {
    audit: Audit,
    entry: Entry,
}

impl AtConsole {
    /// A command on a store, not begun yet.
    pub fn on(store: &Store, operation: &str, changes: bool) -> Self {
        let entry = Entry {
            operation: operation.to_owned(),
            changes,
            who: Some(format!("{} at the console", user())),
            address: "console".to_owned(),
            request: Uuid::new_v4().to_string(),
            ..Entry::default()
        };
        Self { audit: Audit::new(store.clone(), Clock::System), entry }
    }

    /// About one case.
    pub fn about(mut self, stream: &StreamId) -> Self {
        self.entry.case = stream.as_str().strip_prefix("case/").map(str::to_owned);
        self
    }

    /// Says that it begins. Nothing leaves or changes before that is on disk.
    ///
    /// # Errors
    /// Where the audit cannot be written; nothing must be done then.
    pub async fn begins(self) -> Result<Self, AuditError> {
        self.says(BEGUN).await?;
        Ok(self)
    }

    /// Says how it ended, and gives that on.
    ///
    /// # Errors
    /// What it ended with; else where the audit cannot be written.
    pub async fn ended<T, E: Error + 'static>(self, outcome: Result<T, E>) -> Result<T, Box<dyn Error>> {
        let told = self.says(if outcome.is_ok() { DONE } else { NOT_DONE }).await;
        let value = outcome?;
        told?;
        Ok(value)
    }

    async fn says(&self, status: u16) -> Result<(), AuditError> {
        self.audit.record(Entry { status, ..self.entry.clone() }).await
    }
}

/// The user of the operating system, by the number that the kernel knows: its name where the machine has one for it.
fn user() -> String {
    #[cfg(unix)]
    if let Ok(process) = std::fs::metadata("/proc/self") {
        let id = std::os::unix::fs::MetadataExt::uid(&process).to_string();
        let list = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        return name_of(&list, &id).unwrap_or_else(|| format!("user {id}"));
    }
    // Where the kernel does not say it in a file, what the session calls itself; anybody can change that, so it says so.
    let said = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    let said = said.map(|said| said.chars().filter(|c| !c.is_control()).collect::<String>());
    said.map_or_else(|| "an unknown user".to_owned(), |said| format!("a user who is called {said}"))
}

/// The name of a number in a list as `/etc/passwd`: name, a mark, number, and more, with colons between them.
fn name_of(list: &str, id: &str) -> Option<String> {
    let found = list.lines().find(|line| line.split(':').nth(2) == Some(id))?;
    found.split(':').next().filter(|name| !name.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_the_name_of_its_own_line_or_none() {
        let list = "root:x:0:0:root:/root:/bin/sh\nnils:x:1000:0::/home/nils:/bin/sh\n:x:7:7\n";
        assert_eq!(name_of(list, "1000").as_deref(), Some("nils"));
        assert_eq!(name_of(list, "0").as_deref(), Some("root"));
        assert_eq!((name_of(list, "100"), name_of(list, "7")), (None, None));
    }
}
