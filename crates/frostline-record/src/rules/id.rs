//! The identifiers of the rules. They never change their meaning; a rule that is dropped takes its identifier with it.

use serde::{Deserialize, Serialize};

macro_rules! rule_ids {
    ($($variant:ident = $word:literal),* $(,)?) => {
        /// Which rule. The letter says what it is about: E eligibility, B bleeding, F fasting, S sedation, L local
        /// anaesthetic, N the procedure at the nerve, O outcomes, C codes, A adverse events. X are checks that the
        /// reference asks for in its text and has not in its list.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum RuleId {
            $(#[doc = $word] #[serde(rename = $word)] $variant,)*
        }

        impl RuleId {
            /// Every rule, in the order of the reference.
            pub const ALL: &[RuleId] = &[$(RuleId::$variant),*];

            /// As it is written in files and on screens.
            pub fn word(self) -> &'static str {
                match self {
                    $(RuleId::$variant => $word,)*
                }
            }
        }
    };
}

rule_ids! {
    E01 = "E-01", E02 = "E-02", E03 = "E-03", E04 = "E-04", E05 = "E-05", E06 = "E-06", E07 = "E-07",
    E08 = "E-08", E09 = "E-09", E10 = "E-10", E11 = "E-11", E12 = "E-12", E13 = "E-13", E14 = "E-14",
    BClass = "B-CLASS", B01 = "B-01", B02 = "B-02", B03 = "B-03", B04 = "B-04", B05 = "B-05", B06 = "B-06",
    B07 = "B-07", B08 = "B-08",
    F01 = "F-01", F02 = "F-02", F03 = "F-03",
    S01 = "S-01", S02 = "S-02", S03 = "S-03",
    L01 = "L-01", L02 = "L-02", L03 = "L-03", L04 = "L-04", L05 = "L-05",
    N01 = "N-01", N02 = "N-02", N03 = "N-03", N04 = "N-04", N05 = "N-05", N06 = "N-06", N07 = "N-07",
    N08 = "N-08", N09 = "N-09", N10 = "N-10", N11 = "N-11", N12 = "N-12",
    O01 = "O-01", O02 = "O-02", O03 = "O-03", O04 = "O-04", O05 = "O-05", O06 = "O-06", O07 = "O-07", O08 = "O-08",
    C01 = "C-01", C02 = "C-02", C03 = "C-03", C04 = "C-04", C05 = "C-05", C06 = "C-06", C07 = "C-07",
    A01 = "A-01", A02 = "A-02", A03 = "A-03", A04 = "A-04", A05 = "A-05",
    X01 = "X-01",
}

impl std::fmt::Display for RuleId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}
