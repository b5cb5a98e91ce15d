//! Surfaces to pixels: a depth buffer, smooth shading, see-through shells, and four samples per pixel.

use frostline_record::report::{Camera, Drawn, Mesh, SceneView, ViewSurface};
use frostline_space::{PatientPoint, PatientVector};

use super::drawing::Colour;
use super::palette::{GROUND, surface_of};

/// Samples per pixel along each side.
const FINER: usize = 2;

/// The view as a picture of `columns` pixels across.
pub fn render(view: &SceneView, columns: usize) -> (usize, usize, Vec<Colour>) {
    let camera = &view.camera;
    let rows = (columns as f64 * camera.half_height_mm / camera.half_width_mm).round().max(1.0) as usize;
    let mut film = Film::new(camera, columns * FINER, rows * FINER);
    let (solid, clear): (Vec<_>, Vec<_>) = view.surfaces.iter().partition(|s| surface_of(s.drawn).1 >= 1.0);
    for surface in solid {
        let layer = film.layer(surface);
        film.put(&layer, 1.0);
    }
    // From the inside out: shells of cold are nested, and the skin holds them all.
    let mut clear = clear;
    clear.sort_by_key(|s| std::cmp::Reverse(nesting(s.drawn)));
    for surface in clear {
        let layer = film.layer(surface);
        film.put(&layer, surface_of(surface.drawn).1);
    }
    (columns, rows, film.developed(columns, rows))
}

/// 0 for the outermost.
fn nesting(drawn: Drawn) -> usize {
    match drawn {
        Drawn::Isotherm { rank, .. } => rank + 1,
        _ => 0,
    }
}

/// One sample of a layer: how far away, how bright, how much the surface turns away from the eye (0 facing, 1 edge on).
#[derive(Clone, Copy)]
struct Sample {
    depth_mm: f32,
    light: f32,
    turned: f32,
}

/// The nearest sample of one surface at every place of the film.
struct Layer {
    samples: Vec<Option<Sample>>,
    colour: Colour,
}

struct Film<'a> {
    camera: &'a Camera,
    right: PatientVector,
    columns: usize,
    rows: usize,
    colours: Vec<[f32; 3]>,
    depths_mm: Vec<f32>,
}

impl<'a> Film<'a> {
    fn new(camera: &'a Camera, columns: usize, rows: usize) -> Self {
        let Colour(r, g, b) = GROUND;
        let ground = [r, g, b].map(f32::from);
        let right = camera.look.as_vector().cross(camera.up.as_vector());
        let count = columns * rows;
        Self { camera, right, columns, rows, colours: vec![ground; count], depths_mm: vec![f32::INFINITY; count] }
    }

    /// Place on the film, counted in samples, and depth behind the middle of the scene.
    fn seen(&self, place: PatientPoint) -> (f64, f64, f64) {
        let from = place - self.camera.centre;
        let scale = self.columns as f64 / (2.0 * self.camera.half_width_mm);
        let across = from.dot(self.right) * scale + 0.5 * self.columns as f64;
        let down = 0.5 * self.rows as f64 - from.dot(self.camera.up.as_vector()) * scale;
        (across, down, from.dot(self.camera.look.as_vector()))
    }

    fn layer(&self, surface: &ViewSurface) -> Layer {
        let mesh: &Mesh = &surface.mesh;
        let mut layer = Layer { samples: vec![None; self.columns * self.rows], colour: surface_of(surface.drawn).0 };
        let corners: Vec<_> = mesh.places.iter().map(|p| self.seen(*p)).collect();
        let shades: Vec<_> = mesh.normals().into_iter().map(|n| self.shade(n)).collect();
        // Bone in front of the middle would hide what the picture is about.
        let nearest_mm = if surface.drawn == Drawn::Bone { 3.0 } else { f64::NEG_INFINITY };
        for t in &mesh.triangles {
            let at = t.map(|n| corners[n as usize]);
            let shade = t.map(|n| shades[n as usize]);
            self.triangle(&mut layer, at, shade, nearest_mm);
        }
        layer
    }

    /// Light from above the eye, and how much a surface is turned away from it.
    fn shade(&self, normal: PatientVector) -> (f32, f32) {
        let look = self.camera.look.as_vector();
        let lamp = self.camera.up.as_vector() * 0.45 - self.right * 0.35 - look;
        let (Some(normal), Some(lamp)) = (normal.direction(), lamp.direction()) else { return (1.0, 0.0) };
        // Both sides are lit alike: an open surface may be seen from behind.
        let facing = normal.as_vector().dot(look).abs();
        let diffuse = normal.dot(lamp).abs();
        let gloss = diffuse.powi(24);
        ((0.38 + 0.62 * diffuse + 0.22 * gloss) as f32, (1.0 - facing).clamp(0.0, 1.0) as f32)
    }

    fn triangle(&self, layer: &mut Layer, at: [(f64, f64, f64); 3], shade: [(f32, f32); 3], nearest_mm: f64) {
        let [a, b, c] = at;
        let area = (b.0 - a.0) * (c.1 - a.1) - (c.0 - a.0) * (b.1 - a.1);
        if area == 0.0 {
            return;
        }
        let least = |x: f64, y: f64, z: f64| x.min(y).min(z).floor().max(0.0) as usize;
        let most = |x: f64, y: f64, z: f64, end: usize| (x.max(y).max(z).ceil().max(0.0) as usize).min(end);
        for row in least(a.1, b.1, c.1)..most(a.1, b.1, c.1, self.rows) {
            for column in least(a.0, b.0, c.0)..most(a.0, b.0, c.0, self.columns) {
                let (x, y) = (column as f64 + 0.5, row as f64 + 0.5);
                let part =
                    |p: (f64, f64, f64), q: (f64, f64, f64)| ((q.0 - p.0) * (y - p.1) - (x - p.0) * (q.1 - p.1)) / area;
                let (of_a, of_b, of_c) = (part(b, c), part(c, a), part(a, b));
                if of_a < 0.0 || of_b < 0.0 || of_c < 0.0 {
                    continue;
                }
                let depth_mm = of_a * a.2 + of_b * b.2 + of_c * c.2;
                let sample = &mut layer.samples[row * self.columns + column];
                if depth_mm < nearest_mm || sample.is_some_and(|s| f64::from(s.depth_mm) <= depth_mm) {
                    continue;
                }
                let mix = |pick: fn((f32, f32)) -> f32| {
                    of_a as f32 * pick(shade[0]) + of_b as f32 * pick(shade[1]) + of_c as f32 * pick(shade[2])
                };
                *sample = Some(Sample { depth_mm: depth_mm as f32, light: mix(|s| s.0), turned: mix(|s| s.1) });
            }
        }
    }

    /// Lays a layer over what is nearer than nothing behind it; a see-through one hides more where it is edge on, as
    /// glass does.
    fn put(&mut self, layer: &Layer, opacity: f64) {
        let Colour(r, g, b) = layer.colour;
        let colour = [r, g, b].map(f32::from);
        for (n, sample) in layer.samples.iter().enumerate() {
            let Some(sample) = sample else { continue };
            if sample.depth_mm >= self.depths_mm[n] {
                continue;
            }
            let hides = opacity as f32 + (1.0 - opacity as f32) * 0.55 * sample.turned.powi(3);
            for (under, over) in self.colours[n].iter_mut().zip(colour) {
                *under += hides * ((over * sample.light).min(255.0) - *under);
            }
            if opacity >= 1.0 {
                self.depths_mm[n] = sample.depth_mm;
            }
        }
    }

    /// The mean of the samples of each pixel.
    fn developed(&self, columns: usize, rows: usize) -> Vec<Colour> {
        let share = 1.0 / (FINER * FINER) as f32;
        let pixel = |n: usize| {
            let (column, row) = (n % columns * FINER, n / columns * FINER);
            let mut sum = [0.0_f32; 3];
            for m in 0..FINER * FINER {
                let sample = self.colours[(row + m / FINER) * self.columns + column + m % FINER];
                sum.iter_mut().zip(sample).for_each(|(s, c)| *s += c * share);
            }
            let [r, g, b] = sum.map(|c| c.round().clamp(0.0, 255.0) as u8);
            Colour(r, g, b)
        };
        (0..columns * rows).map(pixel).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use frostline_record::report::EdgeLabels;
    use frostline_space::PatientDirection;

    /// A square of 20 mm at a depth, seen from the front (looking to the back, head up).
    fn square(drawn: Drawn, y: f64) -> ViewSurface {
        let corner = |x, z| PatientPoint::new(x, y, z);
        let places = vec![corner(-10.0, -10.0), corner(10.0, -10.0), corner(10.0, 10.0), corner(-10.0, 10.0)];
        ViewSurface { drawn, mesh: Mesh { places, triangles: vec![[0, 1, 2], [0, 2, 3]] }.into() }
    }

    fn view(surfaces: Vec<ViewSurface>) -> SceneView {
        let camera = Camera {
            centre: PatientPoint::origin(),
            look: PatientDirection::along_y(),
            up: PatientDirection::along_z(),
            half_width_mm: 20.0,
            half_height_mm: 15.0,
        };
        let labels = EdgeLabels { left: "".into(), right: "".into(), top: "".into(), bottom: "".into() };
        SceneView { surfaces, camera, legend: Vec::new(), labels, scale_bar_mm: 10.0 }
    }

    fn middle_and_corner(surfaces: Vec<ViewSurface>) -> (Colour, Colour) {
        let (columns, rows, pixels) = render(&view(surfaces), 40);
        assert_eq!((columns, rows), (40, 30));
        (pixels[15 * 40 + 20], pixels[0])
    }

    /// A square facing the eye: the lamp stands at (-0.35, 0.45, -1) off the eye, so diffuse = 1/sqrt(1 + 0.45² + 0.35²).
    fn facing_light() -> f64 {
        let diffuse = 1.0 / (1.0_f64 + 0.45 * 0.45 + 0.35 * 0.35).sqrt();
        0.38 + 0.62 * diffuse + 0.22 * diffuse.powi(24)
    }

    #[test]
    fn a_pixel_on_the_nerve_has_the_colour_of_the_nerve_and_one_beside_it_that_of_the_ground() {
        let (middle, corner) = middle_and_corner(vec![square(Drawn::Nerve, 0.0)]);
        let Colour(r, g, b) = surface_of(Drawn::Nerve).0;
        let lit = [r, g, b].map(|c| (f64::from(c) * facing_light()).min(255.0).round() as u8);
        assert_eq!([middle.0, middle.1, middle.2], lit);
        assert_eq!(corner, GROUND);
    }

    #[test]
    fn what_lies_in_front_hides_what_lies_behind() {
        let (front, _) = middle_and_corner(vec![square(Drawn::Nerve, -1.0), square(Drawn::Artery, 1.0)]);
        let (alone, _) = middle_and_corner(vec![square(Drawn::Nerve, -1.0)]);
        assert_eq!(front, alone);
    }

    #[test]
    fn ice_in_front_of_the_nerve_lets_it_shine_through() {
        let ice = Drawn::Isotherm { celsius: 0.0, rank: 0 };
        let (both, _) = middle_and_corner(vec![square(Drawn::Nerve, 1.0), square(ice, -1.0)]);
        let (nerve, _) = middle_and_corner(vec![square(Drawn::Nerve, 1.0)]);
        let (behind, _) = middle_and_corner(vec![square(Drawn::Nerve, -1.0), square(ice, 1.0)]);
        assert_ne!(both, nerve);
        assert_eq!(behind, nerve);
        // Blue shines in: 30 % of the shell's blue over 70 % of the nerve's.
        assert!(both.2 > nerve.2);
    }
}
