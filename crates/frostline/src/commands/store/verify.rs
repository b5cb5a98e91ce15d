//! `frostline store verify`: holds everything against its hash.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::commands::Outcome;
use crate::store::{Anchor, ArchiveError, CASE_FOLDER, Manifest, POSTGRES_BACKUP, SQLITE_BACKUP, Store, Verification};

use super::{Which, now_ms};

/// What to check.
#[derive(clap::Args)]
pub struct VerifyArguments {
    #[command(flatten)]
    which: Which,
    /// Check the folder of a backup or of an exported case instead
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["store", "anchor", "write_anchor"])]
    archive: Option<PathBuf>,
    /// Hold the streams against this older anchor, which shows history that was cut or made anew
    #[arg(long, value_name = "FILE")]
    anchor: Option<PathBuf>,
    /// Write the anchor of today into a new file; keep it where nobody who can change the store can change it
    #[arg(long, value_name = "FILE")]
    write_anchor: Option<PathBuf>,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

/// Exit code when something is wrong with what is stored.
const DAMAGED: u8 = 1;

/// Checks and says what is wrong.
pub async fn run(arguments: &VerifyArguments) -> Outcome {
    if let Some(folder) = &arguments.archive {
        return archive(folder);
    }
    let anchor = match &arguments.anchor {
        Some(path) => Some(Anchor::from_json(&read(path)?)?),
        None => None,
    };
    let store = Store::open_for_inspection(arguments.which.setting()?).await?;
    let found = store.verify(anchor.as_ref(), now_ms()).await?;
    store.close().await;
    if let Some(path) = &arguments.write_anchor {
        write_new(path, &serde_json::to_string_pretty(&found.anchor)?)?;
    }
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&found)?);
    } else {
        print(&found);
    }
    Ok(if found.is_whole() { ExitCode::SUCCESS } else { ExitCode::from(DAMAGED) })
}

fn print(found: &Verification) {
    println!("streams      {} ({} erased)", found.streams, found.erased);
    println!("events       {}", found.events);
    println!("attachments  {}", found.attachments);
    if found.clock_went_back > 0 {
        println!(
            "clock        {} events were written while the clock was behind an earlier one",
            found.clock_went_back
        );
    }
    println!("anchor       {}", found.anchor.digest());
    for fault in &found.faults {
        println!("WRONG        {fault}");
    }
    println!("{}", if found.is_whole() { "whole        nothing was changed" } else { "DAMAGED      see above" });
}

fn archive(folder: &Path) -> Outcome {
    let text = read(&folder.join("manifest.json"))?;
    let found: serde_json::Value = serde_json::from_str(&text)?;
    let known = [CASE_FOLDER, SQLITE_BACKUP, POSTGRES_BACKUP];
    let format = known.into_iter().find(|format| found["format"] == *format).unwrap_or(SQLITE_BACKUP);
    match Manifest::checked(folder, format) {
        Ok(manifest) => {
            println!("whole        {} files, {} events, {format}", manifest.files.len(), manifest.events);
            println!("digest       {}", manifest.digest());
            Ok(ExitCode::SUCCESS)
        }
        Err(ArchiveError::Unfit(files)) => {
            files.iter().for_each(|file| println!("WRONG        {file}"));
            Ok(ExitCode::from(DAMAGED))
        }
        Err(other) => Err(other.into()),
    }
}

fn read(path: &Path) -> Result<String, ArchiveError> {
    fs::read_to_string(path).map_err(|source| ArchiveError::File { path: path.to_owned(), source })
}

fn write_new(path: &Path, text: &str) -> Result<(), ArchiveError> {
    let written = fs::File::create_new(path).and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes()));
    written.map_err(|source| ArchiveError::File { path: path.to_owned(), source })
}
