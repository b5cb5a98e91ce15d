//! A fictional patient, with everything known or with nothing known.

use frostline_record::documents::*;
use frostline_record::rules::SedationLevel;

pub fn book() -> DocumentBook {
    DocumentBook::bundled().unwrap_or_else(|error| panic!("{error}"))
}

fn some(words: &str) -> Option<String> {
    Some(words.to_owned())
}

pub fn at(text: &str) -> LocalTime {
    LocalTime::read(text).unwrap()
}

/// A patient about whom everything is known, sedated or not.
pub fn visit(sedation: Option<SedationLevel>) -> Visit {
    Visit {
        practice: Practice {
            name: some("Example Pain Clinic"),
            address: some("1 Example Street"),
            phone: some("555-0100"),
            night_phone: some("555-0101"),
            emergency: some("911"),
        },
        patient: Patient {
            name: some("Ana Example"),
            born: Some(Date::read("1961-04-02").unwrap()),
            record: some("X-1"),
        },
        treatment: Treatment {
            nerve: some("sural"),
            leg: Some(Leg::Left),
            in_foot: Some(false),
            sedation,
            operator: some("Dr. Sample"),
            goal: some("walk to the park"),
        },
        appointment: Appointment {
            procedure_at: Some(at("2026-12-08T09:00")),
            arrive_at: Some(at("2026-12-08T08:00")),
            place: some("Room 2"),
        },
        made_on: Some(Date::read("2026-12-01").unwrap()),
        program: "frostline 0.1.0".to_owned(),
    }
}

pub fn held(name: &str) -> DrugBefore {
    DrugBefore {
        name: name.to_owned(),
        decision: Some(DrugDecision::LastDoseBy(at("2026-12-05T20:00"))),
        decided_by: some("Dr. Heart"),
    }
}

pub fn preparation_inputs() -> PreparationInputs {
    let until = |intake: &str, time: &str| FastingTime { intake: intake.to_owned(), until: at(time) };
    PreparationInputs {
        fasting: vec![until("clear", "2026-12-08T07:00"), until("fatty", "2026-12-08T01:00")],
        drugs: Some(vec![held("apixaban 5 mg")]),
        allergies: Some(vec!["latex".to_owned()]),
    }
}

pub fn discharge_inputs() -> DischargeInputs {
    DischargeInputs {
        done_at: Some(at("2026-12-08T09:40")),
        weak: Some(false),
        numb: Some(false),
        drugs: Some(vec![DrugAfter {
            name: "apixaban 5 mg".to_owned(),
            restart_at: Some(at("2026-12-09T09:40")),
            decided_by: some("Dr. Heart"),
        }]),
        dressing_off: Some(Date::read("2026-12-10").unwrap()),
        activities: vec![
            ActivityLine { activity: "desk-work".to_owned(), from: Some(Date::read("2026-12-09").unwrap()) },
            ActivityLine { activity: "running".to_owned(), from: None },
        ],
        follow_up: vec![FollowUpTime { time: "day-1".to_owned(), due: Date::read("2026-12-09").unwrap() }],
        teach_back: None,
        nurse: None,
    }
}

/// The four documents of a patient in one language.
pub fn patient_documents(book: &DocumentBook, language: Language, sedation: Option<SedationLevel>) -> Vec<Document> {
    let visit = visit(sedation);
    let written = [
        leaflet(book, language, &visit),
        consent(book, language, &visit, &ConsentInputs::default()),
        preparation(book, language, &visit, &preparation_inputs()),
        discharge(book, language, &visit, &discharge_inputs()),
    ];
    written.into_iter().map(|document| document.unwrap_or_else(|error| panic!("{error}"))).collect()
}

/// Everything a reader sees, in order.
pub fn text_of(document: &Document) -> String {
    let mut text = format!("{}\n{}\n", document.title, document.subtitle);
    for fact in &document.facts {
        text += &format!("{}: {}\n", fact.label, fact.value);
    }
    for section in &document.sections {
        text += &format!("# {}\n", section.heading);
        for block in &section.blocks {
            text += &match block {
                Block::Paragraph(words) | Block::Notice(words) | Block::Heading(words) => words.clone(),
                Block::List(items) | Block::Steps(items) | Block::Checklist(items) | Block::Lines(items) => {
                    items.join("\n")
                }
                Block::Table(table) => {
                    let rows: Vec<String> = table.rows.iter().map(|row| row.join(" | ")).collect();
                    format!("{}\n{}\n{}", table.caption, table.columns.join(" | "), rows.join("\n"))
                }
                Block::Signatures(places) => {
                    let line = |place: &Signature| format!("{}: {} {}", place.role, place.name, place.signed);
                    places.iter().map(line).collect::<Vec<_>>().join("\n")
                }
            };
            text.push('\n');
        }
    }
    text += &format!("{}\n{}\n{}", document.notice, document.made.join("\n"), document.sources.join("\n"));
    text
}
