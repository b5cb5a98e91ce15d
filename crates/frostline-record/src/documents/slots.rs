//! Words between braces in a sentence: numbers of `numbers.toml`, and what is different for every patient.

/// A piece of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// Words as they are.
    Words(&'a str),
    /// The name of a number or slot.
    Named(&'a str),
}

/// A sentence in its parts; or what is wrong with its braces.
pub(crate) fn parts(sentence: &str) -> Result<Vec<Part<'_>>, String> {
    let mut parts = Vec::new();
    let mut rest = sentence;
    while let Some(open) = rest.find('{') {
        let close =
            rest[open..].find('}').ok_or_else(|| format!("found a brace that is not closed in \"{sentence}\""))?;
        if open > 0 {
            parts.push(Part::Words(&rest[..open]));
        }
        parts.push(Part::Named(&rest[open + 1..open + close]));
        rest = &rest[open + close + 1..];
    }
    if rest.contains('}') {
        return Err(format!("found a brace that was not opened in \"{sentence}\""));
    }
    if !rest.is_empty() {
        parts.push(Part::Words(rest));
    }
    Ok(parts)
}

macro_rules! slots {
    ($($(#[$doc:meta])* $slot:ident = $name:literal),* $(,)?) => {
        /// What is different for every patient and every clinic.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Slot { $($(#[$doc])* $slot),* }

        impl Slot {
            /// The slot with this name.
            pub(crate) fn named(name: &str) -> Option<Self> {
                match name { $($name => Some(Slot::$slot),)* _ => None }
            }
        }
    };
}

slots! {
    /// Name of the patient.
    Patient = "patient",
    /// The nerve, in the patient's words.
    Nerve = "nerve",
    /// Left leg or right leg.
    Side = "side",
    /// Name of the clinic.
    Practice = "practice",
    /// Telephone in office hours.
    Phone = "phone",
    /// Telephone at night.
    NightPhone = "night-phone",
    /// The number for emergencies.
    Emergency = "emergency",
    /// Who does the procedure.
    Operator = "operator",
    /// What the patient wants to be able to do.
    Goal = "goal",
    /// When the procedure begins.
    ProcedureAt = "procedure-at",
    /// When to arrive.
    ArriveAt = "arrive-at",
    /// Where.
    Place = "place",
    /// When the probe came out.
    DoneAt = "done-at",
    /// Until when no driving after sedation.
    SedationOver = "sedation-over",
    /// When the bandage may get wet.
    ShowerFrom = "shower-from",
    /// The number of the procedure code.
    Code = "code",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_comes_apart_at_its_braces() {
        let found = parts("Call {phone} in {dry-hours} hours.").unwrap();
        let expected = [
            Part::Words("Call "),
            Part::Named("phone"),
            Part::Words(" in "),
            Part::Named("dry-hours"),
            Part::Words(" hours."),
        ];
        assert_eq!(found, expected);
        assert!(parts("Call {phone").unwrap_err().contains("not closed"));
        assert!(parts("Call phone}").unwrap_err().contains("not opened"));
    }
}
