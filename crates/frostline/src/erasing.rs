//! Erasing a case with everything that any part of the program keeps of it.

use crate::store::{Beside, EraseError, Erased, Erasure, Retention, Store};
use crate::{accounts, jobs, server};

/// Erases a case whose time of keeping is over: its steps and attachments, jobs, invitations with the sessions that they
/// opened, words of emergency access, and answers that are kept for those who ask twice.
///
/// # Errors
/// When it must still be kept, is damaged or cannot be reached.
pub async fn erase_case(store: &Store, erasure: &Erasure, retention: Retention) -> Result<Erased, EraseError> {
    let beside: Vec<Beside> = [jobs::OF_A_CASE, accounts::OF_A_CASE, server::KEPT_OF_A_CASE].concat();
    store.erase(erasure, retention, &beside).await
}
