//! Tubes: distances to them, for outlines in pictures, and their surfaces in space.

use frostline_space::{Course, PatientPoint, PatientVector};

use super::contour::{ContourLine, ScalarRaster, contour};
use super::mesh::Mesh;
use super::sheet::{Sheet, square_to};
use super::slice::PicturePoint;

/// Balls whose union is a tube.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tube {
    balls: Vec<(PatientPoint, f64)>,
}

/// Spacing of the balls: the waist between two balls of 0.6 mm radius is then 0.002 mm too thin.
const BALL_MM: f64 = 0.1;
/// Beyond this distance nothing is measured; outlines need only their neighbourhood.
const REACH_MM: f64 = 1.0;
/// Pixels of outlines.
const OUTLINE_MM: f64 = 0.2;
/// Blocks in which balls are sorted out before distances are measured.
const BLOCK: usize = 12;

impl Tube {
    pub fn of_course(course: &Course) -> Self {
        Self { balls: course.samples(BALL_MM).iter().map(|s| (s.centre, s.radius_mm)).collect() }
    }

    pub fn straight(from: PatientPoint, to: PatientPoint, radius_mm: f64) -> Self {
        let count = (from.distance(to) / BALL_MM).ceil().max(1.0) as usize;
        Self { balls: (0..=count).map(|n| (from.towards(to, n as f64 / count as f64), radius_mm)).collect() }
    }

    /// Where a sheet cuts the tube.
    pub fn outline(&self, sheet: &Sheet) -> Vec<ContourLine> {
        let count = |size_mm: f64| (size_mm / OUTLINE_MM).round().max(1.0) as usize + 1;
        let blocks_across = count(sheet.width_mm).div_ceil(BLOCK);
        let blocks = blocks_across * count(sheet.height_mm).div_ceil(BLOCK);
        let kept: Vec<_> = (0..blocks).map(|n| self.near_block(sheet, n % blocks_across, n / blocks_across)).collect();
        let field = ScalarRaster::sampled(sheet.width_mm, sheet.height_mm, OUTLINE_MM, |at| {
            let column = (at.right_mm / OUTLINE_MM).round() as usize;
            let row = (at.down_mm / OUTLINE_MM).round() as usize;
            let list = &kept[row / BLOCK * blocks_across + column / BLOCK];
            let place = sheet.place(at);
            Some(list.iter().map(|(c, r)| c.distance(place) - r).fold(REACH_MM, f64::min))
        });
        contour(&field, 0.0)
    }

    /// The balls that can reach a block of pixels.
    fn near_block(&self, sheet: &Sheet, across: usize, down: usize) -> Vec<(PatientPoint, f64)> {
        let half_mm = 0.5 * BLOCK as f64 * OUTLINE_MM;
        let centre = sheet.place(PicturePoint {
            right_mm: (2 * across + 1) as f64 * half_mm,
            down_mm: (2 * down + 1) as f64 * half_mm,
        });
        // The half diagonal is 1.42 half sides; the rest is room for bent sheets.
        let reach_mm = 2.0 * half_mm + REACH_MM;
        self.balls.iter().copied().filter(|(c, r)| c.distance(centre) < r + reach_mm).collect()
    }

    /// Its surface with closed ends.
    pub fn surface(&self) -> Mesh {
        const SIDES: u32 = 20;
        // Every fifth ball, so that triangles are about as long as wide; both ends always.
        let last = self.balls.len() - 1;
        let chosen: Vec<usize> = (0..last).step_by(5).chain([last]).collect();
        let mut mesh = Mesh::default();
        let mut across = PatientVector::new(1.0, 0.3, 0.2);
        for &n in &chosen {
            let along = (self.balls[(n + 1).min(last)].0 - self.balls[n.saturating_sub(1)].0)
                .direction()
                .map_or(PatientVector::new(0.0, 0.0, 1.0), |d| d.as_vector());
            // The last ring's direction turned into this ring's plane: no twist along the tube.
            across = square_to(across, along);
            let second = along.cross(across);
            let (centre, radius_mm) = self.balls[n];
            for side in 0..SIDES {
                let angle = std::f64::consts::TAU * f64::from(side) / f64::from(SIDES);
                mesh.places.push(centre + (across * angle.cos() + second * angle.sin()) * radius_mm);
            }
        }
        for ring in 0..chosen.len() as u32 - 1 {
            for side in 0..SIDES {
                let next = (side + 1) % SIDES;
                let (a, b) = (ring * SIDES + side, ring * SIDES + next);
                mesh.triangles.extend([[a, b, b + SIDES], [a, b + SIDES, a + SIDES]]);
            }
        }
        close(&mut mesh, 0, SIDES, self.balls[0].0, End::First);
        close(&mut mesh, (chosen.len() as u32 - 1) * SIDES, SIDES, self.balls[last].0, End::Last);
        mesh
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    First,
    Last,
}

fn close(mesh: &mut Mesh, ring: u32, sides: u32, centre: PatientPoint, end: End) {
    let middle = mesh.places.len() as u32;
    mesh.places.push(centre);
    for side in 0..sides {
        let (a, b) = (ring + side, ring + (side + 1) % sides);
        mesh.triangles.push(if end == End::First { [middle, b, a] } else { [middle, a, b] });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_surface_of_a_straight_tube_is_closed_and_holds_its_volume() {
        let tube = Tube::straight(PatientPoint::new(0.0, 0.0, 0.0), PatientPoint::new(0.0, 6.0, 8.0), 2.0);
        let mesh = tube.surface();
        assert!(mesh.is_watertight());
        // A prism of 20 sides has 20/2 sin(2 pi/20) r² = 3.0902 r² for pi r²: 123.6 mm3 over 10 mm.
        assert!((mesh.volume_mm3() - 123.607).abs() < 0.01, "{}", mesh.volume_mm3());
    }

    #[test]
    fn a_sheet_square_to_a_tube_shows_a_circle() {
        let tube = Tube::straight(PatientPoint::new(0.0, 0.0, -9.0), PatientPoint::new(0.0, 0.0, 9.0), 1.5);
        let (right, down) = (PatientVector::new(1.0, 0.0, 0.0), PatientVector::new(0.0, 1.0, 0.0));
        let sheet = Sheet::flat(PatientPoint::origin(), right, down, (10.0, 10.0));
        let lines = tube.outline(&sheet);
        assert_eq!(lines.len(), 1);
        for p in &lines[0].points {
            // h²/(8 r) = 0.04/12 = 0.0033 mm from interpolation, 0.0008 mm from the waists between balls.
            assert!(((p.right_mm - 10.0).hypot(p.down_mm - 10.0) - 1.5).abs() < 0.005);
        }
    }
}
