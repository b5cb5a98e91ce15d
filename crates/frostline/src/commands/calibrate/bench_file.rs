//! The bench file: a header in TOML and a table of numbers; `docs/calibrate.md` explains every key.

use std::collections::BTreeMap;

use frostline_plan::calibrate::{BenchError, Couple, IceSize, Measured, Reading};
use frostline_plan::catalogue::SearchRanges;
use serde::Deserialize;

use crate::commands::simulate::build::SceneFileError;
use crate::commands::simulate::scene_file::{MediumRow, PhaseRow};

/// Why a bench file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BenchFileError {
    /// No header anywhere.
    #[error(
        "the file has no header and there is no {sibling} beside it; begin it with lines '# key = value' (probe, serial, date, gas_pressure_bar, bath_c, medium, phases)"
    )]
    NoHeader {
        /// The file that could have held it.
        sibling: String,
    },
    /// Two headers.
    #[error("the file has a header and {sibling} lies beside it; keep one of them")]
    TwoHeaders {
        /// The other one.
        sibling: String,
    },
    /// A header that is not one.
    #[error("the header: {problem}")]
    Header {
        /// What the parser says.
        problem: String,
    },
    /// A word of the header that cannot be used.
    #[error("the header says {key} = \"{found}\", expected {expected}")]
    Word {
        /// The key.
        key: &'static str,
        /// What is there.
        found: String,
        /// What may be there.
        expected: String,
    },
    /// A number of the header outside its range.
    #[error("the header says {key} = {found}, expected {least} to {most}; check the unit in the name of the key")]
    Number {
        /// The key.
        key: &'static str,
        /// What is there.
        found: f64,
        /// Least.
        least: f64,
        /// Most.
        most: f64,
    },
    /// No table.
    #[error("the file has no table; after the header comes a line of column names, then the rows")]
    NoTable,
    /// Columns that do not fit.
    #[error("the columns are \"{found}\", expected {expected}")]
    Columns {
        /// The first line.
        found: String,
        /// What may be there.
        expected: String,
    },
    /// A row of another width.
    #[error(
        "line {line} has {found} fields, expected {expected} as in the line of column names; leave missing values empty"
    )]
    Fields {
        /// Line of the file, from 1.
        line: usize,
        /// Fields found.
        found: usize,
        /// Fields expected.
        expected: usize,
    },
    /// A field that is not a number.
    #[error("line {line}, column \"{column}\": found \"{found}\", expected a number; leave a missing value empty")]
    NotANumber {
        /// Line of the file, from 1.
        line: usize,
        /// Its column.
        column: String,
        /// What is there.
        found: String,
    },
    /// The scene of the bench cannot be built.
    #[error(transparent)]
    Scene(#[from] SceneFileError),
    /// What was measured does not fit together.
    #[error(transparent)]
    Bench(#[from] BenchError),
}

/// What the header says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Key of the probe in `data/probes.toml`.
    pub probe: String,
    /// Serial number of the probe.
    pub serial: String,
    /// Day of the measurement.
    pub date: toml::Value,
    /// At the console.
    pub gas_pressure_bar: f64,
    /// Temperature of the medium before gas on.
    pub bath_c: f64,
    /// What the probe lies in: a tissue of the catalogue, or properties of its own.
    pub medium: MediumRow,
    /// What the probe did.
    pub phases: Vec<PhaseRow>,
    /// Which law to fit.
    #[serde(default)]
    pub law: LawWord,
    /// For the record.
    #[serde(default)]
    pub note: String,
    /// Name of the medium, for the record.
    pub medium_name: Option<String>,
    /// Size and walls of the bath.
    #[serde(default)]
    pub bath: BathRow,
    /// Dimensions that differ from the catalogue or are not known there.
    #[serde(default)]
    pub dimensions: DimensionsRow,
    /// Places of the thermocouples, by column.
    #[serde(default)]
    pub couples: BTreeMap<String, PlaceRow>,
    /// How well things are known.
    #[serde(default)]
    pub accuracy: AccuracyRow,
    /// How finely to compute.
    #[serde(default)]
    pub solver: SolverRow,
}

/// Which law to fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LawWord {
    /// The surface temperature.
    #[default]
    Surface,
    /// Gas behind a film.
    Film,
}

/// Size and walls of the bath. The tip lies in its middle axis.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BathRow {
    /// Width, and depth: a square of the area of the vessel.
    pub across_mm: f64,
    /// From the tip to the bottom.
    pub below_tip_mm: f64,
    /// From the tip to the surface.
    pub above_tip_mm: f64,
    /// Whether the walls keep the temperature of the bath.
    pub walls: WallsWord,
}

impl Default for BathRow {
    // Wide enough that a freeze of ten minutes with an argon needle (ice of 32 mm) does not feel the walls.
    fn default() -> Self {
        Self { across_mm: 120.0, below_tip_mm: 50.0, above_tip_mm: 75.0, walls: WallsWord::Held }
    }
}

/// What the walls of a bath do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WallsWord {
    /// They keep the temperature of the bath.
    Held,
    /// No heat passes.
    Insulated,
}

/// Dimensions that go before the catalogue.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DimensionsRow {
    /// Outer diameter.
    pub diameter_mm: Option<f64>,
    /// Length of the cold surface.
    pub active_length_mm: Option<f64>,
    /// Length of the end before it.
    pub dead_tip_mm: Option<f64>,
    /// Length of the shaft in the bath; without it, up to 5 mm under the surface.
    pub shaft_length_mm: Option<f64>,
}

/// Where a thermocouple lies.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceRow {
    /// From the axis of the probe.
    pub r_mm: f64,
    /// From the very tip towards the hub.
    pub z_mm: f64,
}

/// Standard deviations.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccuracyRow {
    /// Of a reading.
    pub couple_k: Option<f64>,
    /// Of a distance from the axis.
    pub place_mm: Option<f64>,
    /// Of a size of ice without a spread of its own.
    pub size_mm: Option<f64>,
}

/// How finely to compute.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SolverRow {
    /// Cells around the probe.
    pub fine_mm: Option<f64>,
    /// How far they reach.
    pub fine_margin_mm: f64,
    /// Longest step.
    pub step_s: f64,
}

impl Default for SolverRow {
    fn default() -> Self {
        Self { fine_mm: None, fine_margin_mm: 4.0, step_s: 2.0 }
    }
}

/// A bench file, read.
#[derive(Clone, Debug)]
pub struct BenchFile {
    /// What the header says.
    pub header: Header,
    /// What was measured, not yet checked against the probe.
    pub measured: Measured,
    /// YYYY-MM-DD.
    pub date: String,
}

impl BenchFile {
    /// From the text of the file and that of the sibling, where there is one.
    ///
    /// # Errors
    /// [`BenchFileError`] naming the key or line, what was found and what to do.
    pub fn read(
        text: &str,
        sibling: Option<&str>,
        sibling_name: &str,
        ranges: &SearchRanges,
    ) -> Result<Self, BenchFileError> {
        let (own_header, table) = split(text);
        let sibling_name = sibling_name.to_owned();
        let header_text = match (own_header.trim().is_empty(), sibling) {
            (false, None) => own_header.as_str(),
            (true, Some(sibling)) => sibling,
            (true, None) => return Err(BenchFileError::NoHeader { sibling: sibling_name }),
            (false, Some(_)) => return Err(BenchFileError::TwoHeaders { sibling: sibling_name }),
        };
        let header: Header =
            toml::from_str(header_text).map_err(|problem| BenchFileError::Header { problem: problem.to_string() })?;
        let date = checked_header(&header)?;
        let measured = Table::read(&table)?.measured(&header, ranges)?;
        Ok(Self { header, measured, date })
    }
}

/// The header with its `#` taken off, and the numbered lines of the table.
fn split(text: &str) -> (String, Vec<(usize, &str)>) {
    let mut header = String::new();
    let mut table = Vec::new();
    for (n, line) in text.lines().enumerate() {
        match line.strip_prefix('#') {
            Some(rest) if table.is_empty() => {
                header.push_str(rest);
                header.push('\n');
            }
            // A note between the rows is nothing to compute with.
            Some(_) => {}
            None if line.trim().is_empty() => {}
            None => table.push((n + 1, line)),
        }
    }
    (header, table)
}

fn checked_header(header: &Header) -> Result<String, BenchFileError> {
    let word = |key, found: &str, expected: &str| {
        Err(BenchFileError::Word { key, found: found.to_owned(), expected: expected.to_owned() })
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    if header.serial.is_empty() || header.serial.len() > 64 || !header.serial.chars().all(plain) {
        return word(
            "serial",
            &header.serial,
            "1 to 64 letters, digits, '-', '.' or '_' (it becomes part of a file name)",
        );
    }
    let number = |key, found: f64, least: f64, most: f64| {
        // Written so that a number that is not one is refused too.
        if found >= least && found <= most { Ok(()) } else { Err(BenchFileError::Number { key, found, least, most }) }
    };
    number("gas_pressure_bar", header.gas_pressure_bar, 0.1, 1000.0)?;
    number("bath_c", header.bath_c, 0.0, 60.0)?;
    number("bath.across_mm", header.bath.across_mm, 5.0, 1000.0)?;
    number("bath.below_tip_mm", header.bath.below_tip_mm, 1.0, 500.0)?;
    number("bath.above_tip_mm", header.bath.above_tip_mm, 1.0, 500.0)?;
    number("solver.fine_mm", header.solver.fine_mm.unwrap_or(0.5), 0.2, 2.0)?;
    number("solver.fine_margin_mm", header.solver.fine_margin_mm, 1.0, 50.0)?;
    number("solver.step_s", header.solver.step_s, 0.05, 20.0)?;
    let accuracy = &header.accuracy;
    number("accuracy.couple_k", accuracy.couple_k.unwrap_or(0.5), 0.01, 20.0)?;
    number("accuracy.place_mm", accuracy.place_mm.unwrap_or(0.5), 0.01, 5.0)?;
    number("accuracy.size_mm", accuracy.size_mm.unwrap_or(0.5), 0.01, 20.0)?;
    let date = match &header.date {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if is_date(&date) { Ok(date) } else { word("date", &date, "a day as YYYY-MM-DD") }
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    let digits = |part: &str, long: usize| part.len() == long && part.chars().all(|c| c.is_ascii_digit());
    if !(digits(year, 4) && digits(month, 2) && digits(day, 2)) {
        return false;
    }
    // The TOML reader knows how long every month is.
    text.parse::<toml::value::Datetime>().is_ok()
}

/// A table of numbers; `None` for an empty field.
struct Table<'a> {
    columns: Vec<&'a str>,
    rows: Vec<Vec<Option<f64>>>,
}

impl<'a> Table<'a> {
    fn read(lines: &[(usize, &'a str)]) -> Result<Self, BenchFileError> {
        let Some(((_, first), rest)) = lines.split_first() else { return Err(BenchFileError::NoTable) };
        let columns: Vec<&str> = first.split(',').map(str::trim).collect();
        let mut rows = Vec::with_capacity(rest.len());
        for &(line, text) in rest {
            let fields: Vec<&str> = text.split(',').map(str::trim).collect();
            if fields.len() != columns.len() {
                return Err(BenchFileError::Fields { line, found: fields.len(), expected: columns.len() });
            }
            let numbers = fields.iter().zip(&columns).map(|(field, column)| number(field, line, column));
            rows.push(numbers.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(Self { columns, rows })
    }

    fn measured(&self, header: &Header, ranges: &SearchRanges) -> Result<Measured, BenchFileError> {
        if self.columns.contains(&"isotherm_c") {
            self.sizes(header, ranges).map(Measured::Sizes)
        } else {
            self.couples(header).map(Measured::Couples)
        }
    }

    fn wrong(&self, expected: impl Into<String>) -> BenchFileError {
        BenchFileError::Columns { found: self.columns.join(","), expected: expected.into() }
    }

    fn couples(&self, header: &Header) -> Result<Vec<Couple>, BenchFileError> {
        let names = &self.columns[1..];
        let repeated = names.iter().enumerate().any(|(n, name)| names[..n].contains(name));
        if self.columns[0] != "time_s" || names.is_empty() || repeated {
            return Err(self.wrong("time_s and one column per thermocouple, or time_s,isotherm_c,width_mm,length_mm"));
        }
        if let Some(name) = header.couples.keys().find(|name| !names.contains(&name.as_str())) {
            return Err(self.wrong(format!("a column \"{name}\", which the header places under couples")));
        }
        let couple = |(n, name): (usize, &&str)| {
            let place = header.couples.get(*name).ok_or_else(|| {
                self.wrong(format!("only columns with a place; add couples.{name} = {{ r_mm = .., z_mm = .. }}"))
            })?;
            let mut readings = Vec::with_capacity(self.rows.len());
            for row in &self.rows {
                let at_s = row[0].ok_or_else(|| self.wrong("a time in every row"))?;
                readings.extend(row[n + 1].map(|celsius| Reading { at_s, celsius }));
            }
            Ok(Couple { name: (*name).to_owned(), r_mm: place.r_mm, z_mm: place.z_mm, readings })
        };
        names.iter().enumerate().map(couple).collect()
    }

    fn sizes(&self, header: &Header, ranges: &SearchRanges) -> Result<Vec<IceSize>, BenchFileError> {
        const KNOWN: [&str; 6] =
            ["time_s", "isotherm_c", "width_mm", "length_mm", "width_spread_mm", "length_spread_mm"];
        let place = |name: &str| self.columns.iter().position(|column| *column == name);
        let (Some(time), Some(isotherm)) = (place("time_s"), place("isotherm_c")) else {
            return Err(self.wrong("time_s beside isotherm_c"));
        };
        if self.columns.iter().any(|column| !KNOWN.contains(column)) {
            return Err(self.wrong(format!("only {}", KNOWN.join(", "))));
        }
        if !header.couples.is_empty() {
            return Err(self.wrong("no couples in the header beside sizes of ice"));
        }
        let usual_mm = header.accuracy.size_mm.unwrap_or(ranges.size_mm);
        let of = |row: &[Option<f64>], name: &str| place(name).and_then(|n| row[n]);
        let size = |row: &Vec<Option<f64>>| {
            let (Some(at_s), Some(celsius)) = (row[time], row[isotherm]) else {
                return Err(self.wrong("a time and an isotherm in every row"));
            };
            Ok(IceSize {
                at_s,
                celsius,
                width_mm: of(row, "width_mm"),
                length_mm: of(row, "length_mm"),
                width_spread_mm: of(row, "width_spread_mm").unwrap_or(usual_mm),
                length_spread_mm: of(row, "length_spread_mm").unwrap_or(usual_mm),
            })
        };
        self.rows.iter().map(size).collect()
    }
}

fn number(field: &str, line: usize, column: &str) -> Result<Option<f64>, BenchFileError> {
    if field.is_empty() {
        return Ok(None);
    }
    match field.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Some(value)),
        _ => Err(BenchFileError::NotANumber { line, column: column.to_owned(), found: field.to_owned() }),
    }
}
