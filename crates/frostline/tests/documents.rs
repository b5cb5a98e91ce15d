//! `frostline documents`, as a user runs it.

use std::path::Path;
use std::process::{Command, Output};

fn frostline(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_frostline")).arg("documents").args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

fn written(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.ends_with(".html"));
    names.sort();
    names
}

#[test]
fn the_sample_gives_all_eight_documents_in_english_and_the_patients_four_in_spanish() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let output = frostline(&["--sample", "--out", out]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(written(folder.path()).len(), 8);
    let output = frostline(&["--sample", "--language", "es", "--out", out]);
    assert!(output.status.success(), "{}", said(&output));
    let spanish = written(folder.path()).into_iter().filter(|name| name.ends_with("-es.html")).collect::<Vec<_>>();
    assert_eq!(spanish, ["consent-es.html", "discharge-es.html", "leaflet-es.html", "preparation-es.html"]);
}

#[test]
fn the_table_of_reading_levels_has_each_patient_document_in_each_language_at_or_under_six() {
    let output = frostline(&["--reading-level"]);
    assert!(output.status.success(), "{}", said(&output));
    let table = String::from_utf8(output.stdout).unwrap();
    let rows: Vec<Vec<&str>> = table.lines().skip(1).map(|line| line.split_whitespace().collect()).collect();
    let measured: Vec<_> =
        rows.iter().filter(|row| row.get(1).is_some_and(|word| ["en", "es"].contains(word))).collect();
    assert_eq!(measured.len(), 8, "{table}");
    assert!(measured.iter().all(|row| row[4].parse::<f64>().unwrap() <= 6.0), "{table}");
}

#[test]
fn a_wrong_key_in_the_inputs_is_named_with_a_file_that_shows_the_right_ones() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("inputs.json");
    std::fs::write(&file, r#"{ "visit": { "pacient": {} } }"#).unwrap();
    let output = frostline(&["--inputs", file.to_str().unwrap(), "--out", folder.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("pacient") && said(&output).contains("sample.json"), "{}", said(&output));
}

#[test]
fn without_inputs_the_command_says_what_to_give_it() {
    let output = frostline(&["consent"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("--sample"), "{}", said(&output));
}

/// One line of the log of each kind; every field holds something that is found nowhere else.
const EVERY_LINE: &str = include_str!("../../frostline-record/tests/documents/every_line.json");

/// A case that was referred, and in which every kind of line was logged, as a file of signed steps.
fn case_of_every_line(folder: &Path) -> String {
    let way: serde_json::Value = serde_json::from_str(include_str!("../../../examples/pathway/way.json")).unwrap();
    let lines: Vec<serde_json::Value> = serde_json::from_str(EVERY_LINE).unwrap();
    let logged = lines.into_iter().map(|line| serde_json::json!({ "kind": "logged", "body": line }));
    let steps = std::iter::once(way[0]["step"].clone()).chain(logged).zip(1..).map(|(step, number)| {
        let by = serde_json::json!({ "account": "a", "name": "Nils Holm", "role": "nurse" });
        let at = format!("2026-03-24T09:{number:02}:00Z");
        serde_json::json!({ "number": number, "step": step, "by": by, "at": at, "day": "2026-03-24", "seen": [] })
    });
    let file = folder.join("steps.json");
    std::fs::write(&file, serde_json::Value::Array(steps.collect()).to_string()).unwrap();
    file.to_str().unwrap().to_owned()
}

/// Everything that the lines say, without the names of fields: numbers as they are written, words as they were entered.
fn said_in(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::Array(items) => items.iter().flat_map(said_in).collect(),
        serde_json::Value::Object(fields) => fields.values().flat_map(said_in).collect(),
        serde_json::Value::String(words) => vec![words.clone()],
        other => vec![other.to_string()],
    }
}

#[test]
fn every_line_of_the_log_with_all_that_it_says_is_on_the_page_of_the_report_and_on_its_paper() {
    let folder = tempfile::tempdir().unwrap();
    let (case, out) = (case_of_every_line(folder.path()), folder.path().to_str().unwrap());
    let output = frostline(&["procedure-report", "--case", &case, "--out", out]);
    assert!(output.status.success(), "{}", said(&output));
    let lines: serde_json::Value = serde_json::from_str(EVERY_LINE).unwrap();
    let all = said_in(&lines);
    assert!(all.len() > 80, "{}", all.len());
    let page = std::fs::read_to_string(folder.path().join("procedure-report-en.html")).unwrap();
    let page = &page[page.find("The log, line by line").unwrap()..];
    for words in &all {
        assert!(page.contains(words.as_str()), "{words} is not in {page}");
    }
    #[cfg(feature = "pdf")]
    if let Some(text) = tool("pdftotext", &[&format!("{out}/procedure-report-en.pdf"), "-"]) {
        // A long word goes on in the next line of its cell.
        let packed: String = text[text.find("The log, line by line").unwrap()..].split_whitespace().collect();
        for words in &all {
            assert!(packed.contains(words.as_str()), "{words} is not in {text}");
        }
    }
}

/// Runs a tool that reads PDFs; none where it is not installed.
#[cfg(feature = "pdf")]
fn tool(name: &str, arguments: &[&str]) -> Option<String> {
    let Ok(output) = Command::new(name).args(arguments).output() else {
        eprintln!("skipped: {name} is not installed");
        return None;
    };
    assert!(output.status.success(), "{name}: {}", said(&output));
    Some(said(&output))
}

#[cfg(feature = "pdf")]
#[test]
fn every_pdf_is_tagged_whole_and_read_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    for more in [&["--language", "en"][..], &["--language", "es", "--paper", "a4", "--large-print"]] {
        let output = frostline(&[&["--sample", "--out", out], more].concat());
        assert!(output.status.success(), "{}", said(&output));
    }
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let file = path.to_str().unwrap();
        if !file.ends_with(".pdf") {
            continue;
        }
        if let Some(info) = tool("pdfinfo", &[file]) {
            assert!(info.lines().any(|line| line.starts_with("Tagged:") && line.ends_with("yes")), "{file}: {info}");
            assert!(info.lines().any(|line| line.starts_with("Title:") && line.len() > 20), "{file}: {info}");
        }
        tool("qpdf", &["--check", file]);
        if file.ends_with("consent-en.pdf")
            && let Some(text) = tool("pdftotext", &["-layout", file, "-"])
        {
            let place = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words} in {text}"));
            assert!(place("What we want to do") < place("What can go wrong"), "{text}");
            assert!(place("What can go wrong") < place("In your own words"), "{text}");
            assert!(text.contains("not a cleared medical device"), "{text}");
        }
    }
}
