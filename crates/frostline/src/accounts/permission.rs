//! Which role may do what: one table, in one place.

use frostline_record::rules::Role;

use Permission::*;
use Role::{Administrator, Anaesthesia, Coder, Coordinator, Nurse, Operator, Patient, Quality, Technologist};

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $word:literal),+ $(,)?) => {
        /// Something that not everybody may do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Permission { $($(#[$doc])* $name),+ }

        impl Permission {
            /// All of them, as they stand in the table.
            pub const ALL: &'static [Permission] = &[$($name),+];

            /// The word in the interface's description and in the audit.
            pub fn word(self) -> &'static str {
                match self { $($name => $word),+ }
            }
        }
    };
}

permissions! {
    /// See a case: its steps, documents and pictures.
    ReadCase = "read-case",
    /// See lists of cases and worklists.
    ListCases = "list-cases",
    /// Open a case with its referral and goal.
    Refer = "refer",
    /// Record the indication, the diagnostic block and contraindications.
    Indicate = "indicate",
    /// Record fasting, laboratory values, allergies, implants, escort.
    Prepare = "prepare",
    /// Decide when a blood thinner is held and taken again.
    DecideBloodThinner = "decide-blood-thinner",
    /// Take down what a prescriber outside decided about a blood thinner; somebody who may decide countersigns it.
    TakeDownDecision = "take-down-decision",
    /// Book, move and cancel.
    Schedule = "schedule",
    /// Link images and attachments.
    LinkImages = "link-images",
    /// Make a plan.
    Plan = "plan",
    /// Approve a plan.
    Approve = "approve",
    /// Record the consent talk and its signatures.
    Consent = "consent",
    /// Record the checks on the day.
    DayChecks = "day-checks",
    /// Keep the log of the procedure.
    ProcedureLog = "procedure-log",
    /// Record recovery scores.
    Recovery = "recovery",
    /// Discharge.
    Discharge = "discharge",
    /// Record an adverse event.
    AdverseEvent = "adverse-event",
    /// Record follow-up in the patient's stead, plan questionnaires.
    FollowUp = "follow-up",
    /// Code and bill.
    CodeClaim = "code-claim",
    /// Correct a step by a later one.
    Correct = "correct",
    /// Go on in spite of a rule; which role may override which rule stands with the rule.
    Override = "override",
    /// Review quality, outcomes and uses of emergency access.
    QualityReview = "quality-review",
    /// Take a case out of the installation as a file.
    Export = "export",
    /// Erase what may be erased of a case.
    Erase = "erase",
    /// Keep the stock of probes and gas, rooms and bays.
    ManageStock = "manage-stock",
    /// Start simulations and searches, and stop them.
    RunJobs = "run-jobs",
    /// Invite a patient and withdraw the invitation.
    InvitePatient = "invite-patient",
    /// Open a case in an emergency beyond one's role, with a reason.
    BreakGlass = "break-glass",
    /// Make, change and close accounts.
    ManageAccounts = "manage-accounts",
    /// See who saw and did what.
    SeeAudit = "see-audit",
    /// Answer one's own questionnaires.
    AnswerOwn = "answer-own",
    /// See one's own instructions and documents.
    ReadOwn = "read-own",
}

/// Who may do what. An administrator runs the installation and reads no clinical data; a patient sees their own only.
const TABLE: &[(Permission, &[Role])] = &[
    (ReadCase, &[Operator, Anaesthesia, Nurse, Technologist, Coordinator, Coder, Quality]),
    (ListCases, &[Operator, Anaesthesia, Nurse, Technologist, Coordinator, Coder, Quality]),
    (Refer, &[Operator, Nurse, Coordinator]),
    (Indicate, &[Operator]),
    (Prepare, &[Operator, Anaesthesia, Nurse]),
    (DecideBloodThinner, &[Operator, Anaesthesia]),
    (TakeDownDecision, &[Operator, Anaesthesia, Nurse, Coordinator]),
    (Schedule, &[Operator, Nurse, Coordinator]),
    (LinkImages, &[Operator, Technologist]),
    (Plan, &[Operator, Technologist]),
    (Approve, &[Operator]),
    (Consent, &[Operator]),
    (DayChecks, &[Operator, Anaesthesia, Nurse]),
    (ProcedureLog, &[Operator, Anaesthesia, Nurse, Technologist]),
    (Recovery, &[Operator, Anaesthesia, Nurse]),
    (Discharge, &[Operator, Anaesthesia, Nurse]),
    (AdverseEvent, &[Operator, Anaesthesia, Nurse]),
    (FollowUp, &[Operator, Nurse, Coordinator]),
    (CodeClaim, &[Coder]),
    (Correct, &[Operator, Anaesthesia, Nurse, Technologist, Coordinator, Coder]),
    (Override, &[Operator, Anaesthesia, Nurse, Technologist, Coordinator, Coder, Quality]),
    (QualityReview, &[Quality]),
    (Export, &[Operator, Quality]),
    (Erase, &[Quality]),
    (ManageStock, &[Nurse, Technologist, Coordinator]),
    (RunJobs, &[Operator, Technologist]),
    (InvitePatient, &[Operator, Nurse, Coordinator]),
    (BreakGlass, &[Operator, Anaesthesia, Nurse, Technologist]),
    (ManageAccounts, &[Administrator]),
    (SeeAudit, &[Quality, Administrator]),
    (AnswerOwn, &[Patient]),
    (ReadOwn, &[Patient]),
];

/// What emergency access adds, for one case and a limited time: what somebody at the bedside must be able to record.
const IN_EMERGENCY: &[Permission] = &[ReadCase, DayChecks, ProcedureLog, Recovery, Discharge, AdverseEvent];

/// Every role, in the order of the table's columns.
pub const ROLES: [Role; 9] =
    [Operator, Anaesthesia, Nurse, Technologist, Coordinator, Coder, Quality, Administrator, Patient];

impl Permission {
    /// Whether a role has it.
    pub fn is_of(self, role: Role) -> bool {
        TABLE.iter().any(|(permission, roles)| *permission == self && roles.contains(&role))
    }

    /// Whether emergency access to a case gives it.
    pub fn in_emergency(self) -> bool {
        IN_EMERGENCY.contains(&self)
    }

    /// By its word.
    pub fn of_word(word: &str) -> Option<Permission> {
        Permission::ALL.iter().copied().find(|permission| permission.word() == word)
    }
}

/// A role by its word.
pub fn role_of_word(word: &str) -> Option<Role> {
    ROLES.into_iter().find(|role| role.word() == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix() -> String {
        let head = ROLES.iter().map(|role| format!(" {:.4}", role.word())).collect::<String>();
        let mut text = format!("{:<21}{head}\n", "");
        for permission in Permission::ALL {
            let marks = ROLES.iter().map(|role| if permission.is_of(*role) { " x   " } else { " .   " });
            text += format!("{:<21}{}", permission.word(), marks.collect::<String>()).trim_end();
            text += "\n";
        }
        text
    }

    /// Changing who may do what means changing this picture, so that a reviewer sees it.
    #[test]
    fn the_whole_matrix_is_as_pinned() {
        let found = matrix();
        println!("{found}");
        assert_eq!(found.trim_end(), include_str!("permission_matrix.txt").trim_end());
    }

    #[test]
    fn every_permission_stands_in_the_table_once_and_has_somebody() {
        for permission in Permission::ALL {
            let rows: Vec<_> = TABLE.iter().filter(|(found, _)| found == permission).collect();
            assert_eq!(rows.len(), 1, "{}", permission.word());
            assert!(!rows[0].1.is_empty());
            assert_eq!(Permission::of_word(permission.word()), Some(*permission));
        }
    }

    #[test]
    fn an_administrator_reads_no_clinical_data_and_a_patient_only_their_own() {
        let of =
            |role| Permission::ALL.iter().copied().filter(move |permission| permission.is_of(role)).collect::<Vec<_>>();
        assert_eq!(of(Administrator), [ManageAccounts, SeeAudit]);
        assert_eq!(of(Patient), [AnswerOwn, ReadOwn]);
    }

    #[test]
    fn emergency_access_never_gives_approval_consent_erasure_or_accounts() {
        for permission in [Approve, Consent, DecideBloodThinner, Erase, Export, ManageAccounts, Override, SeeAudit] {
            assert!(!permission.in_emergency(), "{}", permission.word());
        }
    }

    #[test]
    fn the_roles_that_may_decide_about_a_drug_are_those_whose_signature_the_case_takes() {
        let may: Vec<Role> = ROLES.into_iter().filter(|role| DecideBloodThinner.is_of(*role)).collect();
        assert_eq!(may, frostline_record::case::steps::DRUG_DECIDERS);
    }

    #[test]
    fn every_role_is_found_by_its_word() {
        for role in ROLES {
            assert_eq!(role_of_word(role.word()), Some(role));
        }
        assert_eq!(role_of_word("root"), None);
    }
}
