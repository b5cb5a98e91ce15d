//! How this ice differs from the ellipse the maker publishes.

use frostline_plan::VendorComparison;
use frostline_space::PatientPoint;

use super::mesh::Mesh;
use super::structures::Scenery;
use super::view::ice_surface;
use super::{Align, Block, Cell, Column, Row, Section, Table};

/// The section; says so where nothing is published.
pub(super) fn vendor_section(scenery: &Scenery) -> Section {
    let compared = &scenery.inputs.evaluation.assessment.vendor;
    let blocks = if compared.is_empty() {
        vec![Block::Paragraph(
            "None published: no size of ice is known for this probe, so this prediction was compared with no measurement \
             of it."
                .into(),
        )]
    } else {
        vec![Block::Table(table(scenery, compared)), Block::Paragraph(NOTE.into())]
    };
    Section { id: "vendor", title: "This ice and the maker's ellipse".into(), blocks }
}

const NOTE: &str = "Published sizes hold for a uniform medium without blood flow and for their own protocol; this ice is \
that of this limb and this protocol, over the whole procedure. The greatest distance is measured between the two surfaces \
from their common centre, both laid centre on centre along the probe.";

fn table(scenery: &Scenery, compared: &[VendorComparison]) -> Table {
    let column = |title: &str, share, align| Column { title: title.into(), share, align };
    let length = |mm: Option<f64>| mm.map_or("not published".to_owned(), |mm| format!("{mm:.1}"));
    let rows = compared
        .iter()
        .map(|c| {
            Row::Cells(vec![
                Cell::text(format!("{}, {:.0} °C", c.probe, c.celsius)),
                Cell::text(format!("{:.1} × {}", c.published_width_mm, length(c.published_length_mm))),
                Cell::text(format!("{:.1} × {:.1}", c.width_mm, c.length_mm)),
                Cell::text(format!("{:+.1}", c.width_mm - c.published_width_mm)),
                Cell::text(c.published_length_mm.map_or("-".into(), |mm| format!("{:+.1}", c.length_mm - mm))),
                Cell::text(greatest_distance_mm(scenery, c).map_or("-".into(), |mm| format!("{mm:.1}"))),
                Cell::text(format!("{} [{}]", c.measured_in, c.source)),
            ])
        })
        .collect();
    Table {
        caption: "Published and predicted size (width × length, mm)".into(),
        columns: vec![
            column("probe and isotherm", 0.2, Align::Words),
            column("published", 0.13, Align::Numbers),
            column("here", 0.13, Align::Numbers),
            column("wider by", 0.08, Align::Numbers),
            column("longer by", 0.08, Align::Numbers),
            column("greatest distance", 0.1, Align::Numbers),
            column("published for", 0.28, Align::Words),
        ],
        rows,
    }
}

/// Between the predicted surface and the ellipsoid of revolution, laid centre on centre; only where one probe makes the
/// ice and its length is published. Unit: mm.
fn greatest_distance_mm(scenery: &Scenery, compared: &VendorComparison) -> Option<f64> {
    let [probe] = &scenery.probes[..] else { return None };
    let along = (probe.entry - probe.tip).direction()?.as_vector();
    let ice = ice_surface(scenery, compared.celsius);
    let half = (0.5 * compared.published_width_mm, 0.5 * compared.published_length_mm?);
    let on_axis = |p: PatientPoint| (p - probe.tip).dot(along);
    let (least, most) = ice
        .places
        .iter()
        .map(|p| on_axis(*p))
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, m), a| (l.min(a), m.max(a)));
    (least < most).then(|| farthest_from_ellipsoid_mm(&ice, probe.tip + along * (0.5 * (least + most)), along, half))
}

fn farthest_from_ellipsoid_mm(
    ice: &Mesh,
    centre: PatientPoint,
    along: frostline_space::PatientVector,
    (half_width_mm, half_length_mm): (f64, f64),
) -> f64 {
    let off = |place: &PatientPoint| {
        let from = *place - centre;
        let axial = from.dot(along);
        let radial = (from - along * axial).length();
        // On the ray through the place the ellipsoid lies where this measure is 1.
        let measure = (radial / half_width_mm).hypot(axial / half_length_mm);
        from.length() * (1.0 - 1.0 / measure).abs()
    };
    ice.places.iter().map(off).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use frostline_space::PatientVector;

    #[test]
    fn a_point_twice_as_far_out_as_the_ellipsoid_is_half_its_distance_away() {
        let mesh = Mesh { places: vec![PatientPoint::new(8.0, 0.0, 0.0)], triangles: Vec::new() };
        let along = PatientVector::new(0.0, 0.0, 1.0);
        assert_eq!(farthest_from_ellipsoid_mm(&mesh, PatientPoint::origin(), along, (4.0, 6.0)), 4.0);
        let mesh = Mesh { places: vec![PatientPoint::new(0.0, 0.0, 5.0)], triangles: Vec::new() };
        // A few roundings of numbers below ten: 1e-14.
        assert!((farthest_from_ellipsoid_mm(&mesh, PatientPoint::origin(), along, (4.0, 6.0)) - 1.0).abs() < 1e-14);
    }
}
