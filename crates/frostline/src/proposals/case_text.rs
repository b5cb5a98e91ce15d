//! A proposal as a case file: the case it was made for, with the probes, the protocol and the cover of the proposal.

use std::path::{Component, Path, PathBuf};

use frostline_plan::catalogue::StepKind;
use frostline_plan::propose::{PhaseRow, Proposal};
use frostline_plan::{NOTICE, ProtectiveFluid};
use frostline_space::PatientPoint;
use toml::{Table, Value};

/// The text of a case file in `out` that plans the proposal; paths are turned so that they still lead to the same files.
pub fn case_text(
    original: &str,
    case: &Path,
    out: &Path,
    (title, number): (&str, usize),
    proposal: &Proposal,
) -> Result<String, Box<dyn std::error::Error>> {
    let mut table: Table = original.parse()?;
    let from = case.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).canonicalize()?;
    let to = out.canonicalize()?;
    turn_paths(&mut table, &from, &to);
    let calibrations = calibrations(&table);
    table.insert("title".into(), Value::String(format!("{title}, proposal {number}")));
    table.insert(
        "probe".into(),
        Value::Array(
            proposal
                .placements
                .iter()
                .map(|p| {
                    let places = |mm: [f64; 3]| Value::Array(mm.iter().map(|v| Value::Float(*v)).collect());
                    let mut row = Table::new();
                    row.insert("model".into(), Value::String(p.probe.clone()));
                    row.insert("entry_mm".into(), places(p.entry_mm));
                    row.insert("tip_mm".into(), places(p.tip_mm));
                    if let Some((_, path)) = calibrations.iter().find(|(model, _)| *model == p.probe) {
                        row.insert("calibration".into(), path.clone());
                    }
                    Value::Table(row)
                })
                .collect(),
        ),
    );
    table.insert("protocol".into(), Value::Table(protocol(proposal)));
    match proposal.fluid.is_empty() {
        true => table.remove("fluid"),
        false => table.insert("fluid".into(), Value::Array(proposal.fluid.iter().map(fluid).collect())),
    };
    table.insert("skin".into(), Value::Table(one("contact", &proposal.skin_contact)));
    let labels: Vec<_> = proposal.labels.iter().map(|l| l.words()).collect();
    let header =
        format!("# Proposed by 'frostline propose' ({}); nobody has approved it.\n# {NOTICE}\n", labels.join(", "));
    Ok(format!("{header}{}", toml::to_string_pretty(&table)?))
}

/// The key of a protocol, or the phases where no catalogue has them.
fn protocol(proposal: &Proposal) -> Table {
    let Some(phases) = &proposal.own_phases else { return one("id", &proposal.protocol) };
    let phase = |p: &PhaseRow| {
        let key = match p.kind {
            StepKind::Freeze => "freeze_s",
            StepKind::PassiveThaw => "thaw_s",
            StepKind::ActiveThaw => "active_thaw_s",
        };
        Value::Table(Table::from_iter([(key.to_owned(), Value::Float(p.seconds))]))
    };
    Table::from_iter([("phases".to_owned(), Value::Array(phases.iter().map(phase).collect()))])
}

fn fluid(fluid: &ProtectiveFluid) -> Value {
    let place = |p: PatientPoint| Value::Array([p.x, p.y, p.z].map(Value::Float).to_vec());
    Value::Table(Table::from_iter([
        ("place_mm".to_owned(), place(fluid.place)),
        ("towards_mm".to_owned(), place(fluid.towards)),
        ("millilitres".to_owned(), Value::Float(fluid.millilitres)),
    ]))
}

fn one(key: &str, value: &str) -> Table {
    let mut table = Table::new();
    table.insert(key.into(), Value::String(value.into()));
    table
}

/// Keys that hold paths, wherever they stand in a case.
const PATHS: [&str; 5] = ["path", "mapping", "picture", "mask", "calibration"];

fn turn_paths(table: &mut Table, from: &Path, to: &Path) {
    for (key, value) in table.iter_mut() {
        match value {
            Value::String(text) if PATHS.contains(&key.as_str()) => {
                *text = leading(&from.join(&*text), to).to_string_lossy().into_owned();
            }
            Value::Table(inner) => turn_paths(inner, from, to),
            Value::Array(rows) => {
                rows.iter_mut().filter_map(Value::as_table_mut).for_each(|row| turn_paths(row, from, to));
            }
            _ => {}
        }
    }
}

/// From one folder to a file, both absolute; the file itself where they share nothing.
fn leading(file: &Path, from: &Path) -> PathBuf {
    let file = file.canonicalize().unwrap_or_else(|_| file.to_path_buf());
    let (a, b): (Vec<Component>, Vec<Component>) = (file.components().collect(), from.components().collect());
    let shared = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    // Nothing but a root in common: on another drive there is no way from here to there.
    if shared == 0 {
        return file;
    }
    let up = b[shared..].iter().map(|_| Component::ParentDir);
    up.chain(a[shared..].iter().copied()).collect()
}

/// Calibrations by model, as the case names them.
fn calibrations(table: &Table) -> Vec<(String, Value)> {
    let rows = table.get("probe").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table);
    let named = rows.filter_map(|row| {
        let model = row.get("model").and_then(Value::as_str)?;
        Some((model.to_owned(), row.get("calibration")?.clone()))
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_from_the_new_folder_to_the_same_file() {
        let found = leading(Path::new("/data/case/CT/image"), Path::new("/data/out/demo"));
        assert_eq!(found, Path::new("../../case/CT/image"));
        assert_eq!(leading(Path::new("/a/b"), Path::new("/a")), Path::new("b"));
    }
}
