//! `frostline rules`: the rules that judge a case, with where each comes from.

use std::process::ExitCode;

use frostline_plan::catalogue::{Reading, Status};
use frostline_record::rules::{RuleBook, RuleRow, Stops};
use serde_json::json;

use super::Outcome;

/// How to print.
#[derive(clap::Args)]
pub struct RulesArguments {
    /// Print everything about each rule as JSON instead of a table
    #[arg(long)]
    json: bool,
}

/// Prints one line per rule, or all of it as JSON.
pub fn run(arguments: &RulesArguments) -> Outcome {
    let book = RuleBook::bundled()?;
    if arguments.json {
        let rules: Vec<_> = book.rows().iter().map(|row| as_json(&book, row)).collect();
        println!("{}", serde_json::to_string_pretty(&rules)?);
        return Ok(ExitCode::SUCCESS);
    }
    println!("{:<8} {:<52} {:<26} status", "rule", "what it is about", "source");
    for row in book.rows() {
        let check = if must_be_checked(&book, &row.source, row.status.word()) { ", check before use" } else { "" };
        println!("{:<8} {:<52} {:<26} {}{check}", row.id, row.title, row.source, row.status.word());
    }
    let doubtful = |row: &&RuleRow| {
        must_be_checked(&book, &row.source, row.status.word())
            || row.numbers().iter().any(|number| must_be_checked(&book, &number.source, &number.status))
    };
    let doubtful = book.rows().iter().filter(doubtful).count();
    println!(
        "{} rules; in {doubtful} the rule or a number of its row must be checked before use (tables beside them apart)",
        book.rows().len()
    );
    Ok(ExitCode::SUCCESS)
}

/// Recalled, or read in somebody else's transcription.
fn must_be_checked(book: &RuleBook, source: &str, status: &str) -> bool {
    let secondary = book.sources().find(source).is_some_and(|source| source.reading == Reading::Secondary);
    secondary || status == Status::RecalledUnverified.word()
}

fn as_json(book: &RuleBook, row: &RuleRow) -> serde_json::Value {
    let numbers = row.numbers().into_iter().map(|number| {
        json!({
            "name": number.name,
            "value": number.value,
            "check_before_use": must_be_checked(book, &number.source, &number.status),
            "source": number.source,
            "status": number.status,
        })
    });
    let never = match &row.overriding.stops {
        Stops::MayBeOverridden => serde_json::Value::Null,
        Stops::Never(why) => json!(why),
    };
    json!({
        "id": row.id,
        "version": row.version,
        "title": row.title,
        "needs": row.needs,
        "source": row.source,
        "citation": book.sources().find(&row.source).map(|source| source.citation.as_str()),
        "status": row.status,
        "check_before_use": must_be_checked(book, &row.source, row.status.word()),
        "note": row.note,
        "numbers": numbers.collect::<Vec<_>>(),
        "override": {
            "roles": row.overriding.roles,
            "signatures": row.overriding.signatures,
            "stops_never_because": never,
        },
    })
}
