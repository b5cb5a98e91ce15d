//! `frostline documents`: leaflet, consent, sheets, reports, letter and claim of one patient.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use frostline_record::documents::{
    Audience, Document, DocumentBook, DocumentError, Kind, Language, Practice, reading_level_of,
    reading_level_of_sections,
};

use super::Outcome;
use crate::documents::{DocumentInputs, Paper, Print, SAMPLE, Size, html, inputs_of_steps};

/// Which documents, from what, and how they are printed.
#[derive(clap::Args)]
pub struct DocumentsArguments {
    /// Which document; all of them when absent
    #[arg(value_parser = kind)]
    kind: Option<Kind>,
    /// A file with what the documents are made from; docs/documents.md describes it
    #[arg(long, value_name = "FILE", conflicts_with = "sample")]
    inputs: Option<PathBuf>,
    /// A case: a JSON list of its signed steps
    #[arg(long, value_name = "FILE", conflicts_with_all = ["sample", "inputs"])]
    case: Option<PathBuf>,
    /// With --case: the clinic, as JSON with the keys of "practice" in examples/documents/sample.json
    #[arg(long, value_name = "FILE", requires = "case")]
    practice: Option<PathBuf>,
    /// With --case: the time zone of the patient, such as America/New_York
    #[arg(long, default_value = "UTC", requires = "case")]
    time_zone: String,
    /// Use a patient who does not exist
    #[arg(long)]
    sample: bool,
    /// en or es; documents for clinicians and payers are in English only
    #[arg(long, default_value = "en", value_parser = language)]
    language: Language,
    /// Folder for the documents; made if it is not there
    #[arg(long, default_value = "out")]
    out: PathBuf,
    /// Sheet to print on
    #[arg(long, value_enum, default_value_t)]
    paper: Paper,
    /// Letters of 16 pt
    #[arg(long)]
    large_print: bool,
    /// Print how hard each patient document is to read, and write nothing
    #[arg(long)]
    reading_level: bool,
    /// With --reading-level: also say it for each section
    #[arg(long, requires = "reading_level")]
    sections: bool,
}

/// Why documents cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum DocumentsError {
    /// Nothing to make them from.
    #[error("found none of --inputs, --case and --sample, expected one of them; --sample shows what comes out")]
    NoInputs,
    /// The file cannot be read.
    #[error("{path}: {source}; give a file that can be read", path = .path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is not what documents are made from.
    #[error("{path}: {source}; examples/documents/sample.json shows every key", path = .path.display())]
    WrongInputs {
        /// Which file.
        path: PathBuf,
        /// What was found.
        source: serde_json::Error,
    },
    /// A document cannot be written to its file.
    #[error("{path}: {source}; choose another folder with --out", path = .path.display())]
    NotWritten {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

fn kind(word: &str) -> Result<Kind, String> {
    let words = Kind::ALL.map(Kind::word).join(", ");
    Kind::ALL.into_iter().find(|kind| kind.word() == word).ok_or_else(|| format!("expected one of {words}"))
}

fn language(word: &str) -> Result<Language, String> {
    Language::ALL.into_iter().find(|language| language.tag() == word).ok_or_else(|| "expected en or es".to_owned())
}

/// Writes the documents, or prints how hard they are to read.
pub fn run(arguments: &DocumentsArguments) -> Outcome {
    let book = DocumentBook::bundled()?;
    if arguments.reading_level {
        print_levels(&book, arguments.sections)?;
        return Ok(ExitCode::SUCCESS);
    }
    let inputs = inputs(arguments)?;
    let print = Print { paper: arguments.paper, size: if arguments.large_print { Size::Large } else { Size::Usual } };
    fs::create_dir_all(&arguments.out)
        .map_err(|source| DocumentsError::NotWritten { path: arguments.out.clone(), source })?;
    for kind in arguments.kind.map_or_else(|| Kind::ALL.to_vec(), |kind| vec![kind]) {
        let document = match inputs.written(&book, kind, arguments.language) {
            // Asked for all of them, those that exist in this language are written.
            Err(DocumentError::NotInThisLanguage { .. }) if arguments.kind.is_none() => continue,
            other => other?,
        };
        write_document(&document, print, &arguments.out)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn inputs(arguments: &DocumentsArguments) -> Result<DocumentInputs, Box<dyn std::error::Error>> {
    let mut inputs: DocumentInputs = match (&arguments.inputs, &arguments.case) {
        (Some(path), _) => read(path)?,
        (None, Some(path)) => {
            let practice = arguments.practice.as_deref().map(read_practice).transpose()?.unwrap_or_default();
            inputs_of_steps(read(path)?, practice, &arguments.time_zone)?
        }
        (None, None) if arguments.sample => serde_json::from_str(SAMPLE)?,
        (None, None) => return Err(DocumentsError::NoInputs.into()),
    };
    if inputs.visit.program.is_empty() {
        inputs.visit.program = concat!("frostline ", env!("CARGO_PKG_VERSION")).to_owned();
    }
    Ok(inputs)
}

/// The clinic, from its file.
pub(super) fn read_practice(path: &Path) -> Result<Practice, DocumentsError> {
    read(path)
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, DocumentsError> {
    let text =
        fs::read_to_string(path).map_err(|source| DocumentsError::Unreadable { path: path.to_path_buf(), source })?;
    serde_json::from_str(&text).map_err(|source| DocumentsError::WrongInputs { path: path.to_path_buf(), source })
}

fn write_document(document: &Document, print: Print, out: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let name = format!("{}-{}", document.kind.word(), document.language.tag());
    let mut files = vec![(format!("{name}.html"), html(document, print).into_bytes())];
    #[cfg(feature = "pdf")]
    files.push((format!("{name}.pdf"), crate::documents::pdf(document, print)?));
    for (file, bytes) in files.drain(..) {
        let path = out.join(file);
        fs::write(&path, bytes).map_err(|source| DocumentsError::NotWritten { path: path.clone(), source })?;
        println!("written: {}", path.display());
    }
    Ok(())
}

/// One line per patient document and language, of the patient who does not exist.
fn print_levels(book: &DocumentBook, sections: bool) -> Result<(), Box<dyn std::error::Error>> {
    let inputs: DocumentInputs = serde_json::from_str(SAMPLE)?;
    println!(
        "{:<13} {:<8} {:>5} {:>9} {:>6} {:>6} {:>8}  highest section",
        "document", "language", "words", "sentences", "grade", "ease", "INFLESZ"
    );
    for kind in Kind::ALL.into_iter().filter(|kind| kind.audience() == Audience::Patient) {
        for language in Language::ALL {
            let document = inputs.written(book, kind, language)?;
            let level = reading_level_of(&document);
            let parts = reading_level_of_sections(&document);
            let highest = parts.iter().max_by(|a, b| a.1.grade.total_cmp(&b.1.grade));
            let highest = highest.map_or(String::new(), |(id, level)| format!("{id} {:.1}", level.grade));
            let inflesz = level.inflesz.map_or_else(|| "-".to_owned(), |score| format!("{score:.0}"));
            println!(
                "{:<13} {:<8} {:>5} {:>9} {:>6.1} {:>6.0} {inflesz:>8}  {highest}",
                kind.word(),
                language.tag(),
                level.counts.words,
                level.counts.sentences,
                level.grade,
                level.ease
            );
            for (id, level) in parts.iter().filter(|_| sections) {
                println!(
                    "  {id:<20} {:>5} {:>9} {:>6.1} {:>6.0}",
                    level.counts.words, level.counts.sentences, level.grade, level.ease
                );
            }
        }
    }
    println!(
        "grade: Flesch-Kincaid in English, Crawford in Spanish; ease: Flesch and Fernández Huerta (docs/documents.md)"
    );
    Ok(())
}
