//! A drawing: marks on a sheet, each mark ready to be written as SVG or PDF. Unit: CSS pixels (1/96 inch), y downwards.

/// A colour: red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

/// How a line looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// Its colour.
    pub colour: Colour,
    /// Its width.
    pub width: f64,
    /// Lengths of dashes and gaps; empty for an unbroken line.
    pub dash: &'static [f64],
    /// From 0 to 1.
    pub opacity: f64,
}

/// Which part of the words stands at the given place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Their beginning.
    Start,
    /// Their middle.
    Middle,
    /// Their end.
    End,
}

/// How words look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lettering {
    /// Height of the letters.
    pub size: f64,
    /// What stands at the place.
    pub anchor: Anchor,
    /// Colour of the letters.
    pub colour: Colour,
    /// A rim around them, for words on pictures.
    pub halo: Option<Colour>,
    /// Heavy letters.
    pub bold: bool,
    /// Turned to read upwards.
    pub upwards: bool,
}

/// One mark.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// A line through points.
    Line { points: Vec<(f64, f64)>, closed: bool, stroke: Stroke },
    /// A filled area.
    Area { points: Vec<(f64, f64)>, colour: Colour, opacity: f64 },
    /// Words at a place on their base line.
    Words { at: (f64, f64), words: String, lettering: Lettering },
    /// A picture of pixels.
    Image { at: (f64, f64), width: f64, height: f64, png: Vec<u8> },
}

/// Marks on a sheet, to be drawn in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// Width of the sheet.
    pub width: f64,
    /// Height of the sheet.
    pub height: f64,
    /// The marks.
    pub marks: Vec<Mark>,
}

impl Drawing {
    /// An empty sheet.
    pub fn new(width: f64, height: f64) -> Self {
        Self { width, height, marks: Vec::new() }
    }

    /// Adds a line.
    pub fn line(&mut self, points: Vec<(f64, f64)>, closed: bool, stroke: Stroke) {
        self.marks.push(Mark::Line { points, closed, stroke });
    }

    /// Adds an area.
    pub fn area(&mut self, points: Vec<(f64, f64)>, colour: Colour, opacity: f64) {
        self.marks.push(Mark::Area { points, colour, opacity });
    }

    /// Adds words.
    pub fn words(&mut self, at: (f64, f64), words: impl Into<String>, lettering: Lettering) {
        self.marks.push(Mark::Words { at, words: words.into(), lettering });
    }
}

/// Corners of a rectangle.
pub fn rectangle(left: f64, top: f64, width: f64, height: f64) -> Vec<(f64, f64)> {
    vec![(left, top), (left + width, top), (left + width, top + height), (left, top + height)]
}

impl Stroke {
    /// An unbroken, opaque line.
    pub fn plain(colour: Colour, width: f64) -> Self {
        Self { colour, width, dash: &[], opacity: 1.0 }
    }
}

impl Lettering {
    /// Plain words that begin at the place.
    pub fn plain(size: f64, colour: Colour) -> Self {
        Self { size, anchor: Anchor::Start, colour, halo: None, bold: false, upwards: false }
    }

    /// The same, standing elsewhere.
    pub fn anchored(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }
}
