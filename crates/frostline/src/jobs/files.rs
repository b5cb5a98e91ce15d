//! The files that a case file names, where it comes from far away: attachments, and nothing else on this machine.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::store::{AttachmentId, Attachments};

/// A case file whose paths lead to files in a folder of its own, which goes with it.
#[derive(Debug)]
pub(super) struct Gathered {
    text: String,
    folder: Option<PathBuf>,
}

/// Keys that hold paths, wherever they stand in a case file.
const PATHS: [&str; 5] = ["path", "mapping", "picture", "mask", "calibration"];

/// What a case file is called in messages; it has no name where it comes from.
const NAME: &str = "case file";

impl Gathered {
    /// The text to read, and the path that it has as far as its files are concerned.
    pub(super) fn case(&self) -> (&str, PathBuf) {
        let folder = self.folder.clone().unwrap_or_default();
        (&self.text, folder.join(NAME))
    }
}

impl Drop for Gathered {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            // What is left holds links only; the pictures stay where they are.
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// Puts the attachments that a case file names where it can read them; anything else that looks like a path is refused.
///
/// A case file without paths stays as it is, so that errors name the lines that were sent.
pub(super) async fn gathered(text: &str, attachments: &Attachments) -> Result<Gathered, String> {
    let text = text.to_owned();
    // What is no TOML is refused with place and reason by whoever reads the case.
    let Ok(mut table) = text.parse::<Table>() else { return Ok(Gathered { text, folder: None }) };
    let mut named = Vec::new();
    collect(&mut table, &mut |key, value| named.push((key.to_owned(), value.clone())));
    if named.is_empty() {
        return Ok(Gathered { text, folder: None });
    }
    let ids: Vec<AttachmentId> = named.iter().map(|(key, value)| id_of(key, value)).collect::<Result<_, _>>()?;
    let folder = private_folder().map_err(|error| format!("no folder for the pictures of a case: {error}"))?;
    let mut gathered = Gathered { text, folder: Some(folder.clone()) };
    let mut names = Vec::new();
    for (number, id) in ids.iter().enumerate() {
        // Opening holds all of it against its name.
        attachments.open(id).await.map_err(|error| error.to_string())?;
        let file = attachments.path(id);
        let name = linked(&file, &folder, number).map_err(|error| format!("{id}: {error}"))?;
        names.push(name);
    }
    let mut names = names.into_iter();
    collect(&mut table, &mut |_, value| *value = names.next().map_or_else(|| value.clone(), Value::String));
    gathered.text = toml::to_string(&table).map_err(|error| error.to_string())?;
    Ok(gathered)
}

/// Every value of a key that holds a path.
fn collect(table: &mut Table, meet: &mut dyn FnMut(&str, &mut Value)) {
    for (key, value) in table.iter_mut() {
        match value {
            Value::Table(inner) => collect(inner, meet),
            Value::Array(rows) => rows.iter_mut().filter_map(Value::as_table_mut).for_each(|row| collect(row, meet)),
            _ if PATHS.contains(&key.as_str()) => meet(key, value),
            _ => {}
        }
    }
}

fn id_of(key: &str, value: &Value) -> Result<AttachmentId, String> {
    let found = value.as_str().unwrap_or("something that is no text");
    found.parse().map_err(|_| {
        format!(
            "{key} is '{found}'; expected the id of an attachment, 'sha256:' and 64 digits: a case that is sent here can name \
             no file of this machine. Upload the file and write its id"
        )
    })
}

/// A folder that only this user may enter.
fn private_folder() -> std::io::Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("frostline-job-{}", uuid::Uuid::now_v7()));
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&folder)?;
    Ok(folder)
}

/// The attachment under a name with the ending of its format. A link, so that no copy of a picture is left when this
/// program is killed.
fn linked(file: &Path, folder: &Path, number: usize) -> std::io::Result<String> {
    let mut head = Vec::new();
    fs::File::open(file)?.take(HEAD).read_to_end(&mut head)?;
    let name = format!("attachment_{}{}", number + 1, ending(&head));
    let target = fs::canonicalize(file)?;
    #[cfg(unix)]
    std::os::unix::fs::symlink(target, folder.join(&name))?;
    #[cfg(not(unix))]
    fs::copy(target, folder.join(&name)).map(|_| ())?;
    Ok(name)
}

/// Enough to tell formats apart: the mark of NIfTI ends here. Unit: bytes.
const HEAD: u64 = 348;

/// Formats are told apart by their content; an attachment has no name.
fn ending(head: &[u8]) -> &'static str {
    let at = |from: usize, mark: &[u8]| head.get(from..from + mark.len()) == Some(mark);
    if at(0, b"\x1f\x8b") {
        ".nii.gz"
    } else if at(344, b"n+1\0") {
        ".nii"
    } else if at(0, b"NRRD") {
        ".nrrd"
    } else if at(0, b"ObjectType") || at(0, b"NDims") {
        ".mha"
    } else if at(128, b"DICM") {
        ".dcm"
    } else if at(0, b"\x89PNG") {
        ".png"
    } else {
        ".toml"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn tried(text: &str, content: &[u8]) -> (Result<Gathered, String>, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let attachments = Attachments::in_folder(folder.path().join("attachments"), 1 << 20);
        attachments.prepare().await.unwrap();
        let id = attachments.put(content).await.unwrap();
        (gathered(&text.replace("ID", &id.to_string()), &attachments).await, folder)
    }

    #[tokio::test]
    async fn a_case_that_names_a_file_of_this_machine_is_refused_before_anything_is_opened() {
        let texts = [
            "[image]\npath = \"/etc/passwd\"",
            "[[probe]]\ncalibration = \"../a.toml\"",
            "[frame]\nmask = 7",
            "[[structure]]\ncontours = { path = \"sha256:short\", region = \"skin\" }",
        ];
        for text in texts {
            let (found, _folder) = tried(text, b"").await;
            let error = found.unwrap_err();
            assert!(error.contains("expected the id of an attachment"), "{error}");
        }
    }

    #[tokio::test]
    async fn an_attachment_lies_beside_the_case_with_the_ending_of_its_format_and_leaves_with_it() {
        let (found, _folder) = tried("[image]\npath = \"ID\"", b"NRRD0004\nthe rest").await;
        let gathered = found.unwrap();
        let (text, path) = gathered.case();
        assert!(text.contains("attachment_1.nrrd"), "{text}");
        let file = path.with_file_name("attachment_1.nrrd");
        assert_eq!(fs::read(&file).unwrap(), b"NRRD0004\nthe rest");
        drop(gathered);
        assert!(!file.exists());
    }

    #[tokio::test]
    async fn an_attachment_that_is_not_there_is_an_error_and_a_case_without_paths_stays_as_it_is() {
        let missing = format!("[image]\npath = \"sha256:{}\"", "a".repeat(64));
        let (found, _folder) = tried(&missing, b"").await;
        assert!(found.unwrap_err().contains("there is no attachment"));
        let text = "title = \"a\" # a remark\n";
        assert_eq!(tried(text, b"").await.0.unwrap().case().0, text);
    }
}
