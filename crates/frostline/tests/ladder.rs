//! The ladder: which crate may import which. Reads every manifest of the workspace.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Rung of every crate. A crate may import any lower rung and nothing else of ours.
const RUNGS: [(&str, u32); 8] = [
    ("frostline-space", 0),
    ("frostline-freeze", 1),
    ("frostline-formats", 1),
    ("frostline-plan", 2),
    ("frostline-guide", 3),
    ("frostline-record", 4),
    ("frostline", 5),
    ("frostline-python", 5),
];

fn rung(name: &str) -> Option<u32> {
    RUNGS.iter().find(|(known, _)| *known == name).map(|(_, rung)| *rung)
}

/// What is wrong with the imports of one crate; empty when it keeps to the ladder.
fn faults(name: &str, imports: &[String]) -> Vec<String> {
    let Some(own) = rung(name) else {
        return vec![format!(
            "the crate {name} has no rung; give it one in RUNGS in crates/frostline/tests/ladder.rs and in \
             ARCHITECTURE.md, and say there why two reasons need it"
        )];
    };
    let fault = |import: &String| match rung(import) {
        None => Some(format!("{name} imports {import}, which has no rung; give it one in RUNGS")),
        Some(other) if other >= own => Some(format!(
            "{name} (rung {own}) imports {import} (rung {other}); only lower rungs may be imported: move what is \
             shared down, or pass a value from above"
        )),
        Some(_) => None,
    };
    imports.iter().filter_map(fault).collect()
}

/// The repository root.
fn root() -> PathBuf {
    // The manifest of this crate lies two folders below it.
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn manifest(path: &Path) -> toml::Table {
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}

/// Every crate of the workspace with those of ours that it imports, in whatever section.
fn crates() -> BTreeMap<String, Vec<String>> {
    let members = manifest(&root().join("Cargo.toml"))["workspace"]["members"].as_array().unwrap().clone();
    let mut crates = BTreeMap::new();
    for member in members {
        let table = manifest(&root().join(member.as_str().unwrap()).join("Cargo.toml"));
        crates.insert(table["package"]["name"].as_str().unwrap().to_owned(), our_imports(&table));
    }
    crates
}

/// Looks into every table whose name ends in `dependencies`, at any depth: normal, dev, build and per target.
fn our_imports(table: &toml::Table) -> Vec<String> {
    let mut found = Vec::new();
    for (key, value) in table {
        let Some(inner) = value.as_table() else { continue };
        if key.ends_with("dependencies") {
            found.extend(inner.iter().map(real_name).filter(|name| name.starts_with("frostline")));
        } else {
            found.extend(our_imports(inner));
        }
    }
    found
}

/// A dependency may be renamed; its `package` key then says what it really is.
fn real_name((key, value): (&String, &toml::Value)) -> String {
    value.get("package").and_then(toml::Value::as_str).unwrap_or(key).to_owned()
}

#[test]
fn every_crate_imports_lower_rungs_only() {
    let faults: Vec<String> = crates().iter().flat_map(|(name, imports)| faults(name, imports)).collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn every_folder_of_crates_is_a_member_of_the_workspace() {
    let members = crates();
    for folder in std::fs::read_dir(root().join("crates")).unwrap() {
        let path = folder.unwrap().path().join("Cargo.toml");
        if path.exists() {
            let name = manifest(&path)["package"]["name"].as_str().unwrap().to_owned();
            assert!(members.contains_key(&name), "{name} is no member: add it to the root Cargo.toml or delete it");
        }
    }
}

#[test]
fn the_workspace_holds_the_crates_that_the_line_needs() {
    let members = crates();
    for name in ["frostline-space", "frostline-formats", "frostline-freeze", "frostline-plan", "frostline"] {
        assert!(members.contains_key(name), "{name} is missing");
    }
    // Guards the reader of manifests itself: were it to find no imports, every crate would pass.
    assert!(members["frostline-plan"].contains(&"frostline-freeze".to_owned()));
}

#[test]
fn a_crate_that_imports_its_own_rung_or_above_is_refused() {
    assert_eq!(faults("frostline-freeze", &["frostline-formats".to_owned()]).len(), 1);
    assert_eq!(faults("frostline-space", &["frostline".to_owned()]).len(), 1);
    assert_eq!(faults("frostline-plan", &["frostline-freeze".to_owned()]).len(), 0);
}

#[test]
fn an_unknown_crate_is_refused_with_what_to_do() {
    let faults = faults("frostline-weather", &[]);
    assert!(faults[0].contains("give it one in RUNGS"), "{faults:?}");
}

#[test]
fn a_renamed_or_hidden_import_is_still_seen() {
    let table: toml::Table = "
        [target.'cfg(unix)'.dev-dependencies]
        ice = { package = \"frostline-freeze\", path = \"../frostline-freeze\" }
    "
    .parse()
    .unwrap();
    assert_eq!(our_imports(&table), ["frostline-freeze"]);
}

fn rust_sources(folder: &Path, found: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}

/// What stands between the signs of code in a text.
fn named_in(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_file_and_test_that_the_table_of_the_request_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = std::fs::read_to_string(root.join("docs/case-record.md")).unwrap();
    let table = page.split("## ").find(|part| part.starts_with("The request, line by line")).unwrap();
    let mut sources = String::new();
    rust_sources(&root.join("crates"), &mut sources);
    let is_test = |name: &str| {
        name.matches('_').count() > 2 && name.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit())
    };
    let is_file = |name: &str| [".rs", ".toml"].iter().any(|end| name.ends_with(end));
    let named = named_in(table);
    let lost: Vec<&&str> = named
        .iter()
        .filter(|name| {
            let test_is_gone = is_test(name) && !sources.contains(&format!("fn {name}()"));
            test_is_gone || is_file(name) && !root.join(name).exists()
        })
        .collect();
    assert!(lost.is_empty(), "docs/case-record.md names what is not there: {lost:?}");
    assert!(named.iter().filter(|name| is_test(name)).count() > 40);
}
