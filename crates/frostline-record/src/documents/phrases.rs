//! Short words that several documents need: labels, headings of tables, what is said when something is not known.

use serde::Deserialize;

macro_rules! phrases {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// Short words of one language; every one of them must be in the file.
        #[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Phrases { $($(#[$doc])* pub $name: String),* }

        impl Phrases {
            /// All of them, for the checks.
            pub fn all(&self) -> Vec<&str> {
                vec![$(&self.$name),*]
            }
        }
    };
}

phrases! {
    /// What this program is not.
    notice,
    /// Where nobody knows.
    not_known,
    /// A nerve before anybody chose one.
    a_nerve,
    /// Of the left leg.
    left,
    /// Of the right leg.
    right,
    /// Before the name of the clinic and the date.
    made_by,
    /// Between name and date.
    made_on,
    /// Before the number of the version of the words.
    words_version,
    /// Heading of the sources.
    sources,
    /// After a source that nobody could open, or that was read in somebody else's words.
    check_before_use,
    /// What is said of numbers that the project chose.
    own_choice,
    /// Label.
    patient,
    /// Label.
    born,
    /// Label: number of the record.
    record,
    /// Label.
    nerve,
    /// Label.
    side,
    /// Label: when the procedure begins.
    procedure_at,
    /// Label.
    arrive_at,
    /// Label.
    place,
    /// Label.
    phone,
    /// Label.
    night_phone,
    /// Label.
    emergency,
    /// Label: who does the procedure.
    operator,
    /// Label.
    goal,
    /// Label: when the probe came out.
    done_at,
    /// Label: kind of sedation.
    sedation,
    /// A kind of sedation.
    local_only,
    /// A kind of sedation.
    minimal,
    /// A kind of sedation.
    moderate,
    /// A kind of sedation.
    deep,
    /// Who signs.
    role_patient,
    /// Who signs.
    role_guardian,
    /// Who signs.
    role_clinician,
    /// Who signs.
    role_interpreter,
    /// Who signs.
    role_nurse,
    /// Line to sign.
    sign_name,
    /// Line to sign.
    sign_here,
    /// Line to sign.
    sign_when,
    /// Caption of the other ways.
    alternatives_caption,
    /// Column.
    alternative,
    /// Column.
    good,
    /// Column.
    bad,
    /// Column: whether it was talked about.
    talked,
    /// It was talked about.
    talked_yes,
    /// Nobody wrote that it was talked about.
    talked_no,
    /// Caption of the patient's reasons.
    reasons_caption,
    /// Column: for or against.
    leaning,
    /// It speaks for it.
    leaning_for,
    /// It speaks against it.
    leaning_against,
    /// Column, and line to write a reason.
    your_reason,
    /// Label: who explained the sedation.
    sedation_explained,
    /// Caption of the food table.
    fasting_caption,
    /// Column.
    food,
    /// Column: until when.
    stop_at,
    /// Caption of the drug table before.
    drugs_before_caption,
    /// Column.
    drug,
    /// Column.
    what_to_do,
    /// Column.
    last_dose,
    /// Column.
    decided_by,
    /// Keep taking it.
    keep,
    /// Stop for a while.
    hold,
    /// Nobody decided.
    undecided,
    /// In the column of the last dose, of a drug that goes on.
    no_change,
    /// Caption of the drug table after.
    drugs_after_caption,
    /// Column.
    restart_at,
    /// Nobody said when it starts again.
    restart_not_known,
    /// Label: the day on which the dressing comes off.
    dressing_off,
    /// Caption of work and sport.
    activities_caption,
    /// Column.
    activity,
    /// Column: from which day.
    activity_from,
    /// In place of a day, for a leg that is weak or was not tested.
    ask_first,
    /// Caption of the follow-up.
    follow_up_caption,
    /// Column.
    follow_up_time,
    /// Column.
    follow_up_date,
    /// Before the list of allergies.
    allergies,
    /// The patient says there are none.
    no_allergies,
    /// Nobody asked.
    allergies_not_known,
    /// Caption of the questions.
    questions_caption,
    /// Column.
    question,
    /// Column.
    answer,
    /// Line to write a question.
    your_question,
    /// Line for the answer.
    our_answer,
    /// Line to write what the patient said back.
    said_back_line,
    /// Before what the patient said back.
    said_back,
    /// Before the name of who heard it.
    heard_by,
}
