//! The plan of somebody who believes the ellipse in the brochure: the smallest published ellipse that covers the nerve.

use crate::catalogue::{Known, PublishedIce, Sourced};

use super::candidate::Candidate;
use super::error::ProposeError;
use super::proposals::{PlacementRow, VendorPlan};
use super::reach::Reach;
use super::site::Site;
use super::trial::Merits;

/// An ellipse of a model, and the best way in by it.
struct ByEllipse<'a> {
    published: &'a Sourced<PublishedIce>,
    candidate: Candidate,
}

impl Site<'_> {
    /// Chooses by the ellipse alone, and asks the full solver what would come of it.
    pub fn vendor_plan(&self, threads: usize) -> Result<VendorPlan, ProposeError> {
        let not_made = |why: &str| Ok(VendorPlan::NotMade { why: why.to_owned() });
        let found: Vec<_> = (0..self.models.len()).filter_map(|model| self.by_ellipse(model)).collect();
        if found.is_empty() {
            return not_made(
                "no maker of a probe in stock publishes an ellipse with width and length, or no way in is open",
            );
        }
        // Who believes in the ellipse takes the smallest one that covers enough, or the one that covers most.
        let enough = |b: &&ByEllipse| b.candidate.estimate.disabled_mm >= self.goals.disabled_mm;
        let width = |b: &ByEllipse| b.published.value.width_mm;
        let smallest = found.iter().filter(enough).min_by(|a, b| width(a).total_cmp(&width(b)));
        let covers = |b: &ByEllipse| b.candidate.estimate.disabled_mm;
        let Some(chosen) = smallest.or(found.iter().max_by(|a, b| covers(a).total_cmp(&covers(b)))) else {
            return not_made("no way in is open");
        };
        let Some(plan) = self.plan(&chosen.candidate) else { return not_made("its way in does not make a plan") };
        let assessment = self.in_full(&plan, threads)?;
        let merits = Merits::of(&plan, &assessment, self.goals, self.catalogues);
        let Known::Known(length_mm) = chosen.published.value.length_mm else { return not_made("no length") };
        let model = &self.models[chosen.candidate.model];
        Ok(VendorPlan::Made {
            placement: PlacementRow::of(&plan.placements()[0]),
            protocol: model.protocols[chosen.candidate.protocol].id.clone(),
            celsius: chosen.published.value.celsius,
            width_mm: chosen.published.value.width_mm,
            length_mm,
            source: chosen.published.source.clone(),
            promised_mm: chosen.candidate.estimate.disabled_mm,
            merits: Box::new(merits),
        })
    }

    /// The best way in of one model by its published ellipse nearest to the wanted temperature.
    fn by_ellipse(&self, model: usize) -> Option<ByEllipse<'_>> {
        let found = &self.models[model];
        let away = |p: &Sourced<PublishedIce>| (p.value.celsius - self.goals.below_c).abs();
        let with_length = found.probe.published_ice.iter().filter(|p| matches!(p.value.length_mm, Known::Known(_)));
        let published = with_length.min_by(|a, b| away(a).total_cmp(&away(b)))?;
        let body_c = self.catalogues.surroundings.arterial().value.celsius;
        let reach = Reach::of_ellipse(&published.value, &found.shape, body_c)?;
        let proposed = found.protocols.iter().position(|p| p.proposed).unwrap_or(0);
        let mut best = self.search_with(0, model, std::slice::from_ref(&reach)).candidates;
        best.sort_by(|a, b| self.by_estimate(&a.estimate, &b.estimate));
        let best = best.into_iter().next()?;
        Some(ByEllipse { published, candidate: Candidate { protocol: proposed, ..best } })
    }
}
