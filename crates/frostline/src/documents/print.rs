//! How a document is printed.

use frostline_record::documents::Audience;

/// Size of the sheet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Paper {
    /// 8.5 by 11 inches.
    #[default]
    Letter,
    /// 210 by 297 mm.
    A4,
}

/// Size of the letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Size {
    /// As usual.
    #[default]
    Usual,
    /// 16 pt, for those who see less.
    Large,
}

/// How a document is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Print {
    /// Size of the sheet.
    pub paper: Paper,
    /// Size of the letters.
    pub size: Size,
}

impl Print {
    /// Size of ordinary letters on paper. Unit: points (1/72 inch).
    pub fn letters_pt(self, audience: Audience) -> f64 {
        match (self.size, audience) {
            (Size::Large, _) => 16.0,
            (Size::Usual, Audience::Patient) => 11.0,
            (Size::Usual, Audience::Clinician | Audience::Payer) => 9.5,
        }
    }
}
