//! The plan that somebody made, as a candidate among the others.

use super::candidate::Candidate;
use super::reach::Reach;
use super::site::Site;
use super::way::Pose;

impl Site<'_> {
    /// The candidate of the plan that was made by hand; `None` where there is none, where it uses what is not in stock, or
    /// where something speaks against its way.
    pub fn by_hand(&self, reaches: &[Vec<Reach>]) -> Option<Candidate> {
        let plan = self.settings.by_hand.as_ref().filter(|plan| plan.fluid().is_empty())?;
        let first = plan.placements().first()?;
        let number = self.models.iter().position(|m| m.probe.id == first.probe)?;
        let model = &self.models[number];
        let schedule = &plan.protocol().schedule;
        let protocol = model.protocols.iter().position(|p| p.schedule() == *schedule)?;
        let spot = self.nearest_spot(first.tip)?;
        let mut poses = Vec::new();
        for placement in plan.placements().iter().filter(|p| p.probe == first.probe) {
            let outward = (placement.entry - placement.tip).direction()?;
            self.obstacles.through(&self.spots[spot], (placement.tip, outward, 0.0), &model.shape).ok()?;
            poses.push(Pose { entry: placement.entry, tip: placement.tip, outward });
        }
        if poses.len() < plan.placements().len() {
            return None;
        }
        let estimate = reaches[number][protocol].estimate(&self.spots[spot], &poses, self.goals.below_c);
        let contact = plan.skin_contact().to_owned();
        // It was not placed by the numbers of the search, so it has none; that tells it from the others.
        let (placings, fluid) = (Vec::new(), Vec::new());
        Some(Candidate { model: number, protocol, placings, poses, contact, fluid, estimate, spot })
    }

    fn nearest_spot(&self, place: frostline_space::PatientPoint) -> Option<usize> {
        let far_mm = |n: usize| self.spots[n].centre.distance(place);
        (0..self.spots.len()).min_by(|&a, &b| far_mm(a).total_cmp(&far_mm(b)))
    }
}

impl Candidate {
    /// Made by somebody and not by the search.
    pub fn is_by_hand(&self) -> bool {
        self.placings.is_empty()
    }
}
