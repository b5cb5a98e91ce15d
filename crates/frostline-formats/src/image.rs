//! What every reader returns: intensities on their own grid, with what is known of where they came from.

use frostline_space::Volume;

/// What kind of machine made an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modality {
    /// Computed tomography: values are Hounsfield units.
    Ct,
    /// Magnetic resonance: values are arbitrary.
    Mr,
    /// Ultrasound: values are grey levels.
    Ultrasound,
    /// The file does not say.
    NotStated,
}

/// Grey-scale window for display, in the unit of the values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Value shown as middle grey.
    pub centre: f64,
    /// Range of values from black to white.
    pub width: f64,
}

/// An image of the patient: intensities on the grid they were acquired on, LPS millimetres.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageVolume {
    /// The intensities; Hounsfield units for CT.
    pub volume: Volume<f32>,
    /// What made it.
    pub modality: Modality,
    /// The window stored with the image, for display.
    pub window: Option<Window>,
    /// Names of the identifying attributes that were present (never their values).
    pub identifying: Vec<String>,
    /// Doubts about the file that did not stop the reading.
    pub remarks: Vec<String>,
}

/// A label in every cell, with the labels' names where the file gives them. 0 means "nothing marked".
#[derive(Clone, Debug, PartialEq)]
pub struct LabelVolume {
    /// The labels.
    pub volume: Volume<u16>,
    /// Label and name, in the order of the labels; labels without a name are not listed.
    pub names: Vec<(u16, String)>,
}
