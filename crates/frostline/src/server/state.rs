//! What every route works with.

use std::sync::Arc;

use crate::accounts::{Accounts, SecurityNumbers, SetUpError, SignInSetting};
use crate::audit::Audit;
use crate::cases::{Cases, KeptPractice, Knowledge};
use crate::jobs::JobQueue;
use crate::store::{Store, StreamId};

use super::Clock;
use super::limits::{Limits, Rate};
use super::problem::{Kind, Problem};

/// What every route works with. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// Cases and everything else that is kept.
    pub store: Store,
    /// Cases as they are signed.
    pub cases: Cases,
    /// Rooms, people, stock and bookings.
    pub practice: KeptPractice,
    /// Who may come in.
    pub accounts: Accounts,
    /// Who saw and did what.
    pub audit: Audit,
    /// Long jobs.
    pub jobs: JobQueue,
    /// What time it is.
    pub clock: Clock,
    /// How this server is reached.
    pub site: Arc<Site>,
    /// How many requests everybody has left.
    pub limits: Limits,
}

/// How this server is reached.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// Whether browsers reach it over TLS, here or at the proxy before it: cookies then never go unencrypted.
    pub encrypted: bool,
    /// Whether a proxy stands before it and says in `X-Forwarded-For` for whom it asks.
    pub behind_proxy: bool,
    /// Whether staff without an authenticator may do nothing but turn one on.
    pub second_factor: bool,
    /// How staff sign in.
    pub sign_in: SignInSetting,
}

impl AppState {
    /// Over an open store.
    ///
    /// # Errors
    /// Where `data/security.toml` cannot be used.
    pub fn new(store: Store, knowledge: Knowledge, (clock, site): (Clock, Site)) -> Result<AppState, SetUpError> {
        let accounts = Accounts::new(store.db().clone(), clock.clone(), site.sign_in.clone())?;
        let audit = Audit::new(store.clone(), clock.clone());
        let jobs = JobQueue::with_clock(&store, clock.clone());
        let cases = Cases::new(store.clone(), knowledge);
        let practice = KeptPractice::new(store.clone())?;
        Ok(AppState {
            store,
            cases,
            practice,
            accounts,
            audit,
            jobs,
            clock,
            site: Arc::new(site),
            limits: Limits::default(),
        })
    }

    /// The numbers of `data/security.toml`.
    pub fn numbers(&self) -> &SecurityNumbers {
        self.accounts.numbers()
    }

    /// Counts one request of an address.
    ///
    /// # Errors
    /// 429 where it made too many.
    pub fn count_address(&self, address: &str) -> Result<(), Problem> {
        let rates = &self.numbers().requests;
        let rate = Rate { at_once: rates.address_at_once, per_s: rates.address_per_s };
        self.limits.take(&format!("from {address}"), rate, self.clock.now().as_millisecond())
    }

    /// Counts one request of an account or an invitation.
    ///
    /// # Errors
    /// 429 where it made too many.
    pub fn count_account(&self, account: &str) -> Result<(), Problem> {
        let rates = &self.numbers().requests;
        let rate = Rate { at_once: rates.account_at_once, per_s: rates.account_per_s };
        self.limits.take(&format!("by {account}"), rate, self.clock.now().as_millisecond())
    }

    /// Refuses where there is no such case.
    ///
    /// # Errors
    /// 404, the same as for a case that is not one's own; 410 for one that was erased.
    pub async fn must_have_case(&self, case: &str) -> Result<(), Problem> {
        let stream = case.parse().map(StreamId::case).map_err(|_| Problem::not_found())?;
        if !super::guard::is_case_name(case) {
            return Err(Problem::not_found());
        }
        let found = self.store.summary(&stream).await.map_err(Problem::broken)?;
        match found {
            None => Err(Problem::not_found()),
            Some(found) if found.is_of_erased() => {
                Err(Problem::new(Kind::Gone, format!("case {case} was erased; only that it was there is kept")))
            }
            Some(_) => Ok(()),
        }
    }
}
