//! What the answer for one possible world means: the rules of an assessment without what only a report needs.

use frostline_freeze::FreezeHistory;
use frostline_space::PatientVector;

use super::world::World;
use crate::accuracy::ErrorReport;
use crate::anatomy::{Anatomy, Marked};
use crate::assess::{StructureOutcome, isotherms, structure_outcomes};
use crate::build_scene::BuiltScene;
use crate::catalogue::Catalogues;
use crate::coldest::{Coldest, ColdestOf};
use crate::finding::{Finding, Level};
use crate::fluid::displaced;
use crate::goals::Goals;
use crate::nerve_outcome::{NerveOutcome, nerve_outcome};
use crate::plan::Plan;
use crate::rules;

/// Nerve, structures and findings of one world: those of [`crate::assess`], which a test asserts.
pub(crate) struct Judged {
    pub nerve: NerveOutcome,
    pub structures: Vec<StructureOutcome>,
    pub findings: Vec<Finding>,
}

/// What was asked, in one world.
pub(crate) struct Asked<'a> {
    pub anatomy: &'a Anatomy,
    pub plan: &'a Plan,
    pub catalogues: &'a Catalogues,
    /// How far the edge of each structure lies from where the image shows it; nothing for none.
    pub edges_off: &'a [PatientVector],
}

/// Judges the answer for one world.
pub(crate) fn judged(asked: &Asked, built: &BuiltScene, history: &FreezeHistory) -> Judged {
    let &Asked { anatomy, plan, catalogues, edges_off } = asked;
    let anatomy = &*displaced(anatomy, plan.fluid(), catalogues);
    let field = ColdestOf::new(built, history);
    let nerve = nerve_outcome(anatomy, plan, catalogues, &field);
    let structures = structure_outcomes(anatomy, &field, edges_off, |_| None);
    let findings = rules::findings(&rules::Evidence {
        anatomy,
        plan,
        catalogues,
        built,
        history,
        nerve: &nerve,
        structures: &structures,
        accuracy: &ErrorReport::FixedByHand { fixed_by_hand: true },
    });
    Judged { nerve, structures, findings }
}

/// What is kept of one world.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Told {
    /// Length that was disabled where it is wanted. Unit: mm.
    pub disabled_mm: f64,
    /// Whether that is enough.
    pub is_disabled: bool,
    /// Keys of the findings at level stop, each once.
    pub stops: Vec<String>,
    /// The numbers of the assessment.
    pub numbers: Vec<Number>,
    /// Cells times stages of the solver.
    pub cell_updates: u64,
}

impl Told {
    /// Enough nerve is disabled and nothing says stop.
    pub(crate) fn is_success(&self) -> bool {
        self.is_disabled && self.stops.is_empty()
    }
}

/// One number of an assessment; `None` where there is none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Number {
    pub what: String,
    pub unit: &'static str,
    pub value: Option<f64>,
}

/// Every number of an assessment, in an order that does not depend on the world.
pub(crate) fn told(asked: &Asked, judged: &Judged, history: &FreezeHistory, goals: &Goals, world: &World) -> Told {
    let disabled_mm = goals.disabled_mm(&judged.nerve.profile);
    let mut stops: Vec<String> =
        judged.findings.iter().filter(|f| f.level == Level::Stop).map(|f| f.id.clone()).collect();
    stops.sort();
    stops.dedup();
    let mut numbers = vec![Number { what: "disabled length".into(), unit: "mm", value: Some(disabled_mm) }];
    numbers.extend(nerve_numbers(&judged.nerve));
    numbers.extend(isotherms(asked.plan, asked.catalogues, history).iter().flat_map(|ice| {
        let of = |what: &str, unit, value| Number {
            what: format!("{what} of the {:.0} °C surface", ice.celsius),
            unit,
            value: Some(value),
        };
        [of("width", "mm", ice.width_mm), of("length", "mm", ice.length_mm), of("volume", "mm3", ice.volume_mm3)]
    }));
    numbers.extend(judged.structures.iter().flat_map(structure_numbers));
    numbers.push(Number { what: "relief".into(), unit: "days", value: relief_days(asked, &judged.nerve, world) });
    Told {
        disabled_mm,
        is_disabled: goals.is_enough(disabled_mm),
        stops,
        numbers,
        cell_updates: history.counters.cell_updates,
    }
}

fn nerve_numbers(nerve: &NerveOutcome) -> Vec<Number> {
    let below = nerve.lengths.iter().map(|l| Number {
        what: format!("nerve below {:.0} °C over its cross-section", l.celsius),
        unit: "mm",
        value: Some(l.length_mm),
    });
    let mut numbers: Vec<Number> = below.collect();
    let cold_block = Some(nerve.cold_block_length_mm);
    numbers.push(Number { what: "nerve blocked while cold".into(), unit: "mm", value: cold_block });
    numbers.push(Number { what: "coldest place of the nerve".into(), unit: "°C", value: nerve.coldest_c });
    let distance = Some(nerve.probe_distance_mm);
    numbers.push(Number { what: "probe wall to nerve".into(), unit: "mm", value: distance });
    numbers
}

fn structure_numbers(structure: &StructureOutcome) -> Vec<Number> {
    let coldest_c = match structure.coldest {
        Coldest::Reached { celsius, .. } => Some(celsius),
        Coldest::NotMarked => return Vec::new(),
        Coldest::OutsideScene => None,
    };
    vec![
        Number { what: format!("coldest place of {}", structure.name), unit: "°C", value: coldest_c },
        Number { what: format!("ice to {}", structure.name), unit: "mm", value: structure.closest_mm },
    ]
}

/// Days until the nerve has grown back, at the speed of this world; `None` without relief or without a distance.
fn relief_days(asked: &Asked, nerve: &NerveOutcome, world: &World) -> Option<f64> {
    let catalogues = asked.catalogues;
    if nerve.disabled_length_mm < catalogues.limits.nerve().shortest_disabled.value.millimetres {
        return None;
    }
    let Marked::Marked(distance_mm) = asked.anatomy.nerve.distance_to_target_mm else { return None };
    let speed = catalogues.relief.regrowth.value;
    let z = world.regrowth_z / catalogues.uncertainties.regrowth_in_sd();
    let side = if z < 0.0 {
        speed.mid_mm_per_day - speed.slow_mm_per_day
    } else {
        speed.fast_mm_per_day - speed.mid_mm_per_day
    };
    // A nerve that does not grow at all has no duration; beyond three standard deviations the slowest is held.
    Some(distance_mm / (speed.mid_mm_per_day + side * z).max(SLOWEST_SHARE * speed.slow_mm_per_day))
}

/// Regrowth is never slower than this share of the slow end of its interval.
const SLOWEST_SHARE: f64 = 0.25;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accuracy::Answer;
    use crate::build_scene::{Correction, Resolution, build_scene};
    use crate::catalogue::Factor;
    use crate::robust::place::{Frame, placed};
    use crate::robust::tests_support::{limb, plan};
    use frostline_freeze::{Continue, SolverSettings, simulate};

    #[test]
    fn what_is_judged_is_what_an_assessment_says() {
        let (catalogues, anatomy) = (Catalogues::bundled().unwrap(), limb());
        let plan = plan(&anatomy, &catalogues);
        let resolution = Resolution { fine_mm: 1.5, ..Resolution::default() };
        let built = build_scene(&anatomy, &plan, &catalogues, &Correction::none(), &resolution).unwrap();
        let settings = SolverSettings { step_s: 20.0, ..SolverSettings::default() };
        let history = simulate(&built.scene, &settings, &mut |_| Continue::Yes).unwrap();
        let asked = Asked { anatomy: &anatomy, plan: &plan, catalogues: &catalogues, edges_off: &[] };
        let judged = judged(&asked, &built, &history);
        let answer = Answer::Fixed(Box::new(history.clone()));
        let assessment = crate::assess(&anatomy, &plan, &catalogues, &built, &answer);
        assert_eq!(judged.nerve, assessment.nerve);
        assert_eq!(judged.structures, assessment.structures);
        assert_eq!(judged.findings, assessment.findings);
        // Goals at, below and above what is reached: the same verdict.
        let reached = Goals::of(&catalogues).disabled_mm(&judged.nerve.profile);
        let world = World::without_doubt(1, anatomy.structures.len());
        for wanted in [0.5 * reached, reached, reached + 1.0] {
            let goals = Goals { disabled_mm: wanted, ..Goals::of(&catalogues) };
            let told = told(&asked, &judged, &history, &goals, &world);
            assert_eq!(told.is_success(), goals.shortfalls(&assessment).is_empty(), "{wanted}");
        }
        assert!(reached > 0.0, "{reached}");
        assert!(!judged.findings.iter().any(|f| f.level == Level::Stop), "{:?}", judged.findings);
    }

    /// How far the disabled length and the coldest place of the nerve are off when it is moved in the field of a run in which
    /// it lay where it was drawn, against a run of its own. Nerve conducts twice as well as the fat around it.
    #[test]
    fn a_nerve_that_is_moved_in_a_finished_field_needs_a_run_of_its_own_for_the_last_kelvins() {
        let (catalogues, anatomy) = (Catalogues::bundled().unwrap(), limb());
        let plan = plan(&anatomy, &catalogues);
        let frame = Frame::of(&anatomy, &plan, &catalogues);
        let resolution = Resolution { fine_mm: 1.0, ..Resolution::default() };
        let settings = SolverSettings { step_s: 10.0, record_every_s: 600.0, ..SolverSettings::default() };
        let run = |anatomy: &Anatomy, plan: &Plan| {
            let built = build_scene(anatomy, plan, &catalogues, &Correction::none(), &resolution).unwrap();
            let history = simulate(&built.scene, &settings, &mut |_| Continue::Yes).unwrap();
            (built, history)
        };
        let world = World::without_doubt(1, anatomy.structures.len());
        let (drawn, planned) = placed(&anatomy, &plan, &catalogues, &frame, &world).unwrap();
        let (built, history) = run(&drawn, &planned);
        let mut most = (0.0_f64, 0.0_f64);
        for off_mm in [-0.5, 0.5, 1.0] {
            let mut world = world.clone();
            world.set(Factor::NerveMarkingBeside, off_mm);
            let (moved, plan) = placed(&anatomy, &plan, &catalogues, &frame, &world).unwrap();
            let in_field = nerve_outcome(&moved, &plan, &catalogues, &ColdestOf::new(&built, &history));
            let (built, history) = run(&moved, &plan);
            let own = nerve_outcome(&moved, &plan, &catalogues, &ColdestOf::new(&built, &history));
            let off = |pick: fn(&NerveOutcome) -> f64| (pick(&in_field) - pick(&own)).abs();
            most.0 = most.0.max(off(|n| n.disabled_length_mm));
            most.1 = most.1.max(off(|n| n.coldest_c.unwrap()));
        }
        println!("moved in the field: {:.2} mm of disabled length, {:.1} K at the coldest place", most.0, most.1);
        // It is an approximation: not the same bits, and not far.
        assert!(most.0 + most.1 > 0.0 && most.0 < 2.0 && most.1 < 15.0, "{most:?}");
    }
}
