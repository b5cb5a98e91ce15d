//! One look for each thing, the same in every picture. Isotherms differ in dash as well as in colour (Okabe and Ito 2008,
//! safe for the common kinds of colour blindness).

use frostline_plan::anatomy::TissueKind;
use frostline_record::report::{CurveKind, Drawn};

use super::drawing::{Colour, Stroke};

/// Dark letters and frames.
pub const INK: Colour = Colour(27, 36, 48);
/// Less important letters; 7:1 on white.
pub const SOFT_INK: Colour = Colour(77, 87, 101);
/// Rules and grids.
pub const RULE: Colour = Colour(205, 212, 220);
/// Rim under bright lines on grey pictures.
pub const SHADE: Colour = Colour(8, 12, 18);
/// White.
pub const WHITE: Colour = Colour(255, 255, 255);
/// Ground of views in space.
pub const GROUND: Colour = Colour(243, 246, 249);

const ISOTHERM_BRIGHT: [Colour; 4] =
    [Colour(86, 180, 233), Colour(240, 228, 66), Colour(255, 122, 48), Colour(226, 140, 190)];
const ISOTHERM_DARK: [Colour; 4] = [Colour(0, 96, 160), Colour(122, 96, 0), Colour(176, 62, 0), Colour(140, 50, 110)];
const ISOTHERM_DASH: [&[f64]; 4] = [&[], &[9.0, 4.0], &[2.5, 3.0], &[9.0, 3.0, 2.5, 3.0]];

/// Places side by side, dark enough for white.
const PLACE: [Colour; 7] = [
    Colour(70, 78, 90),
    Colour(0, 96, 160),
    Colour(176, 62, 0),
    Colour(0, 114, 84),
    Colour(140, 50, 110),
    Colour(122, 96, 0),
    Colour(161, 22, 32),
];

/// How a line of something is drawn on a grey or coloured picture; over a dark rim.
pub fn line_of(drawn: Drawn) -> Stroke {
    let plain = |r, g, b, width| Stroke::plain(Colour(r, g, b), width);
    match drawn {
        Drawn::Isotherm { rank, .. } => {
            let n = rank.min(3);
            Stroke { colour: ISOTHERM_BRIGHT[n], width: 2.2, dash: ISOTHERM_DASH[n], opacity: 1.0 }
        }
        Drawn::Nerve => plain(0, 240, 165, 2.0),
        Drawn::ActiveLength => plain(255, 255, 255, 1.8),
        Drawn::Shaft => plain(190, 198, 208, 1.4),
        Drawn::ProbeBeside => Stroke { dash: &[3.0, 3.0], ..plain(225, 230, 236, 1.0) },
        Drawn::Skin => plain(245, 214, 186, 1.2),
        Drawn::Bone => plain(222, 205, 150, 1.1),
        Drawn::Artery => plain(255, 92, 92, 1.7),
        Drawn::Vein => plain(140, 160, 255, 1.7),
        Drawn::OtherNerve => plain(206, 140, 255, 1.7),
        Drawn::Tendon => plain(170, 226, 200, 1.4),
    }
}

/// What fills the inside of a line, if anything.
pub fn fill_of(drawn: Drawn) -> Option<(Colour, f64)> {
    match drawn {
        Drawn::ActiveLength => Some((WHITE, 0.75)),
        Drawn::Shaft => Some((Colour(120, 128, 140), 0.55)),
        Drawn::Nerve => Some((Colour(0, 240, 165), 0.35)),
        _ => None,
    }
}

/// How a surface in space is coloured, and how much of what lies behind it hides.
pub fn surface_of(drawn: Drawn) -> (Colour, f64) {
    match drawn {
        Drawn::Isotherm { rank: 0, .. } => (Colour(86, 170, 225), 0.30),
        Drawn::Isotherm { rank: 1, .. } => (Colour(226, 208, 40), 0.40),
        Drawn::Isotherm { .. } => (Colour(240, 100, 30), 0.55),
        Drawn::Nerve => (Colour(0, 158, 115), 1.0),
        Drawn::ActiveLength => (Colour(245, 247, 250), 1.0),
        Drawn::Shaft | Drawn::ProbeBeside => (Colour(96, 104, 116), 1.0),
        Drawn::Skin => (Colour(214, 160, 120), 0.16),
        Drawn::Bone => (Colour(226, 214, 178), 1.0),
        Drawn::Artery => (Colour(204, 40, 40), 1.0),
        Drawn::Vein => (Colour(66, 84, 190), 1.0),
        Drawn::OtherNerve => (Colour(150, 80, 200), 1.0),
        Drawn::Tendon => (Colour(150, 190, 170), 1.0),
    }
}

/// How a curve is drawn on white.
pub fn curve_of(kind: CurveKind) -> Stroke {
    let plain = |colour| Stroke::plain(colour, 2.0);
    match kind {
        CurveKind::Nerve => plain(Colour(0, 114, 84)),
        CurveKind::NerveColdest => Stroke { dash: &[7.0, 3.0], ..plain(Colour(0, 96, 160)) },
        CurveKind::Skin => Stroke { dash: &[10.0, 3.0], ..plain(Colour(158, 84, 0)) },
        CurveKind::Probe => Stroke { dash: &[3.0, 3.0], ..plain(Colour(70, 78, 90)) },
        CurveKind::Other => Stroke { dash: &[1.5, 2.5], ..plain(Colour(140, 50, 110)) },
        CurveKind::Measured { rank } | CurveKind::Computed { rank } => {
            Stroke { width: 1.8, ..plain(PLACE[rank % PLACE.len()]) }
        }
        CurveKind::Isotherm { rank, length } => {
            Stroke { dash: if length { &[6.0, 3.0] } else { &[] }, ..plain(ISOTHERM_DARK[rank.min(3)]) }
        }
    }
}

/// Flat colour of a tissue where no image was taken.
pub fn tissue_colour(kind: TissueKind) -> Colour {
    match kind {
        TissueKind::Outside => Colour(38, 46, 58),
        TissueKind::Skin => Colour(201, 160, 132),
        TissueKind::Fat => Colour(206, 190, 138),
        TissueKind::Muscle => Colour(150, 90, 86),
        TissueKind::Fascia => Colour(176, 176, 186),
        TissueKind::Tendon => Colour(168, 182, 176),
        TissueKind::Nerve => Colour(186, 176, 100),
        TissueKind::CorticalBone => Colour(222, 218, 204),
        TissueKind::CancellousBone => Colour(200, 190, 168),
        TissueKind::Marrow => Colour(190, 168, 120),
        TissueKind::Cartilage => Colour(150, 176, 196),
        TissueKind::Blood => Colour(140, 40, 48),
        TissueKind::InjectedFluid => Colour(110, 160, 190),
    }
}
