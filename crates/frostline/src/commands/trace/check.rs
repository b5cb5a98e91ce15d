//! How far proposals lie from masks that people drew: run on your own frames before you trust it on them.

use std::error::Error;
use std::path::{Path, PathBuf};

use frostline_formats::frame_png::{FrameMask, FramePngError, Patch, PixelSize, UltrasoundFrame, read_mask_png};
use frostline_plan::trace::TraceSettings;
use frostline_plan::trace::frame::{FrameEllipse, FramePoint, proposed_ellipse};
use frostline_space::Vector;

use super::TraceArguments;
use super::frames::frame;
use super::sweeps::{self, SweepOutcome};
use crate::images::read_file;

/// The label of the nerve in the masks.
const NERVE: u16 = 1;

/// Why a folder cannot be checked.
#[derive(Debug, thiserror::Error)]
enum CheckError {
    #[error("{path}: {source}", path = .path.display())]
    Mask { path: PathBuf, source: FramePngError },
    #[error("{path}: {source}; expected a folder with images/NAME.png and masks/NAME.png", path = .path.display())]
    Folder { path: PathBuf, source: std::io::Error },
    #[error("{path} has none of the frames asked for", path = .path.display())]
    Nothing { path: PathBuf },
    #[error("the mask {path} has no pixel of label {NERVE}, the nerve", path = .path.display())]
    NoNerve { path: PathBuf },
}

/// A frame and the nerve that a person drew in it.
pub(super) struct Drawn {
    pub name: String,
    pub frame: UltrasoundFrame,
    pub truth: FrameEllipse,
    mask: FrameMask,
    patch: Patch,
}

/// Measures and prints a table.
pub(super) fn run(arguments: &TraceArguments, folder: &Path, settings: &TraceSettings) -> Result<(), Box<dyn Error>> {
    // `requires` on --check makes clap refuse a folder without a pixel size.
    let [across_mm, down_mm] = arguments.pixel_mm.unwrap_or_default();
    let pixel = PixelSize::new(across_mm, down_mm)?;
    let drawn = read_folder(folder, &arguments.only, pixel)?;
    println!("# one click, five times per frame: in the middle, and 0.3 of the mean radius beside it to four sides");
    print_proposals(&drawn, &one_click(settings), settings);
    println!(
        "# two clicks on the ends of the longer axis, five times: exact, and one end 0.2 of the shorter half axis off"
    );
    print_proposals(&drawn, &two_clicks(settings), settings);
    println!("# made sweeps: {} frames, the nerve moving in a picture that stays", sweeps::FRAMES);
    print_sweeps(&drawn, settings)
}

fn read_folder(folder: &Path, only: &[String], pixel: PixelSize) -> Result<Vec<Drawn>, Box<dyn Error>> {
    let at = |source| CheckError::Folder { path: folder.into(), source };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder.join("images")).map_err(at)? {
        let path = entry.map_err(at)?.path();
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        if path.extension().is_some_and(|e| e == "png") && (only.is_empty() || only.contains(&name)) {
            names.push(name);
        }
    }
    // The order in a folder differs between machines.
    names.sort();
    if names.is_empty() {
        return Err(Box::new(CheckError::Nothing { path: folder.into() }));
    }
    names.into_iter().map(|name| read_drawn(folder, name, pixel)).collect()
}

fn read_drawn(folder: &Path, name: String, pixel: PixelSize) -> Result<Drawn, Box<dyn Error>> {
    let file = format!("{name}.png");
    let frame = frame(&folder.join("images").join(&file), pixel)?;
    let path = folder.join("masks").join(&file);
    let mask = read_mask_png(&read_file(&path)?).map_err(|source| CheckError::Mask { path: path.clone(), source })?;
    let patch = mask.patches(NERVE, pixel).into_iter().next().ok_or(CheckError::NoNerve { path })?;
    Ok(Drawn { name, frame, truth: FrameEllipse::of_patch(&patch), mask, patch })
}

impl Drawn {
    /// Twice the common pixels over the sum of both.
    fn dice(&self, ellipse: &FrameEllipse) -> f64 {
        let (across_mm, down_mm) = (self.frame.pixel.across_mm(), self.frame.pixel.down_mm());
        let (mut shared, mut inside) = (0, 0);
        for row in 0..self.mask.height_px() {
            for column in 0..self.mask.width_px() {
                let (x, y) = ((column as f64 + 0.5) * across_mm, (row as f64 + 0.5) * down_mm);
                if ellipse.contains(FramePoint::new(x, y, 0.0)) {
                    inside += 1;
                    shared += usize::from(self.is_nerve(column, row));
                }
            }
        }
        2.0 * shared as f64 / (inside + self.patch.pixels) as f64
    }

    fn is_nerve(&self, column: usize, row: usize) -> bool {
        let around = &self.patch.around;
        let near =
            (around.left_px..=around.right_px).contains(&column) && (around.top_px..=around.bottom_px).contains(&row);
        near && self.mask.labels()[row * self.mask.width_px() + column] == NERVE
    }

    fn centre(&self) -> FramePoint {
        FramePoint::new(self.patch.centre_across_mm, self.patch.centre_down_mm, 0.0)
    }
}

/// The ellipses that are expected after what a person might click.
type Clicks<'a> = Box<dyn Fn(&Drawn) -> Vec<FrameEllipse> + 'a>;

const SIDES: [(f64, f64); 5] = [(0.0, 0.0), (1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)];

fn one_click(settings: &TraceSettings) -> Clicks<'_> {
    Box::new(|drawn| {
        let off_mm = 0.3 * drawn.patch.equivalent_radius_mm;
        let at = |(x, y): &(f64, f64)| {
            let click = drawn.centre() + Vector::new(x * off_mm, y * off_mm, 0.0);
            FrameEllipse::usual_at(click, None, settings).ok()
        };
        SIDES.iter().filter_map(at).collect()
    })
}

fn two_clicks(settings: &TraceSettings) -> Clicks<'_> {
    Box::new(|drawn| {
        let truth = &drawn.truth;
        let (sin, cos) = truth.tilt_deg().to_radians().sin_cos();
        let half = Vector::new(cos * truth.long_radius_mm(), sin * truth.long_radius_mm(), 0.0);
        let off_mm = 0.2 * truth.short_radius_mm();
        let at = |(x, y): &(f64, f64)| {
            let off = Vector::new(x * off_mm, y * off_mm, 0.0);
            let (one, other) = (truth.centre() - half + off, truth.centre() + half);
            FrameEllipse::usual_between(one, other, settings).ok()
        };
        SIDES.iter().filter_map(at).collect()
    })
}

/// Mean and worst of a few numbers.
#[derive(Default)]
struct Spread {
    values: Vec<f64>,
}

impl Spread {
    fn mean(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.values.len() as f64
    }

    fn least(&self) -> f64 {
        self.values.iter().copied().fold(f64::INFINITY, f64::min)
    }

    fn most(&self) -> f64 {
        self.values.iter().copied().fold(0.0, f64::max)
    }
}

/// Dice, distance of the centres (mm), error of the area (%).
#[derive(Default)]
struct Errors {
    dice: Spread,
    centre_mm: Spread,
    area_percent: Spread,
}

impl Errors {
    fn add(&mut self, dice: f64, centre_mm: f64, area_percent: f64) {
        self.dice.values.push(dice);
        self.centre_mm.values.push(centre_mm);
        self.area_percent.values.push(area_percent.abs());
    }

    fn print(&self, name: &str, rest: &str) {
        println!(
            "{name:<10} dice {:.2} (least {:.2})  centre {:.2} mm (max {:.2})  area {:.0} % (max {:.0}){rest}",
            self.dice.mean(),
            self.dice.least(),
            self.centre_mm.mean(),
            self.centre_mm.most(),
            self.area_percent.mean(),
            self.area_percent.most()
        );
    }

    fn take(&mut self, other: &Self) {
        self.dice.values.extend(&other.dice.values);
        self.centre_mm.values.extend(&other.centre_mm.values);
        self.area_percent.values.extend(&other.area_percent.values);
    }
}

fn print_proposals(drawn: &[Drawn], clicks: &Clicks<'_>, settings: &TraceSettings) {
    let (mut all, mut without) = (Errors::default(), Errors::default());
    let mut refused = 0;
    for one in drawn {
        let mut here = Errors::default();
        let mut seen = Spread::default();
        let area = |e: &FrameEllipse| 100.0 * (e.area_mm2() / one.patch.area_mm2 - 1.0);
        for expected in clicks(one) {
            let Ok(found) = proposed_ellipse(&one.frame, &expected, settings) else {
                refused += 1;
                continue;
            };
            let e = found.ellipse;
            here.add(one.dice(&e), e.centre().distance(one.centre()), area(&e));
            without.add(one.dice(&expected), expected.centre().distance(one.centre()), area(&expected));
            seen.values.push(found.edge_seen);
        }
        if !here.dice.values.is_empty() {
            here.print(&one.name, &format!("  edge seen {:.2}", seen.mean()));
            all.take(&here);
        }
    }
    all.print("all", &format!("  refused {refused}"));
    without.print("expected", "  (the expected ellipse itself, without looking at the picture)");
}

fn print_sweeps(drawn: &[Drawn], settings: &TraceSettings) -> Result<(), Box<dyn Error>> {
    let mut all = Errors::default();
    let (mut lost, mut frames, mut missed, mut late) = (0, 0, 0, Spread::default());
    for one in drawn {
        let SweepOutcome { steps, lost_at, after_cut } = sweeps::carried(one, settings)?;
        let mut here = Errors::default();
        for step in &steps {
            here.add(step.dice, step.centre_mm, step.area_percent);
        }
        frames += sweeps::FRAMES - 1;
        lost += sweeps::FRAMES - 1 - steps.len();
        match after_cut {
            Some(frames) => late.values.push(frames as f64),
            None => missed += 1,
        }
        let end = lost_at.map_or("  never lost".to_owned(), |lost| format!("  {lost}"));
        if here.dice.values.is_empty() {
            println!("{:<10} no frame carried{end}", one.name);
        } else {
            here.print(&one.name, &end);
            all.take(&here);
        }
    }
    let share = 100.0 * f64::from(u32::try_from(lost)?) / f64::from(u32::try_from(frames)?);
    all.print("all", &format!("  {lost} of {frames} frames ({share:.0} %) called lost"));
    println!(
        "cut to another picture: noticed in {} of {} sweeps, {:.1} frames late on average (max {:.0})",
        drawn.len() - missed,
        drawn.len(),
        late.mean(),
        late.most()
    );
    Ok(())
}
