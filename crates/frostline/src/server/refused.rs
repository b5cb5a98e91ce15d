//! What a refusal of the accounts is in HTTP.

use super::problem::{Kind, Problem};
use crate::accounts::Refusal;

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        let said = refusal.to_string();
        match refusal {
            Refusal::WrongCredentials => Problem::new(Kind::WrongCredentials, said),
            Refusal::SecondFactorNeeded => Problem::new(Kind::SecondFactorNeeded, said),
            Refusal::Wait { wait_s } => Problem::new(Kind::TooManyTries, said).retry_after_s(wait_s),
            Refusal::WeakPassword(_) => Problem::invalid("/password", said),
            Refusal::LoginTaken(_) => Problem::new(Kind::Conflict, said),
            Refusal::Value { field, .. } => Problem::invalid(format!("/{field}"), said),
            Refusal::LinkDead => Problem::new(Kind::Gone, said),
            Refusal::LastAdministrator | Refusal::NoEmergencyAdministrator(_) => Problem::new(Kind::Conflict, said),
            Refusal::Stale => Problem::new(Kind::Stale, said),
            Refusal::NotFound => Problem::not_found(),
            Refusal::NotYourRole(_) => Problem::new(Kind::NotAllowed, said),
            Refusal::PasswordsOff | Refusal::NotLinked(_) | Refusal::NoRole | Refusal::OneFactorOnly => {
                Problem::new(Kind::NotAllowed, said)
            }
            Refusal::NoProvider => Problem::new(Kind::NotFound, said),
            Refusal::ProviderSilent(_) => Problem::new(Kind::TooSlow, said),
            Refusal::ProviderRefused(_) => Problem::new(Kind::WrongCredentials, said),
            Refusal::IdentityTaken => Problem::new(Kind::Conflict, said),
            Refusal::Database(_) | Refusal::Hash(_) | Refusal::Random(_) | Refusal::Vault(_) => Problem::broken(said),
        }
    }
}
