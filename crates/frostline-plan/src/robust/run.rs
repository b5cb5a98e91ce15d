//! Many possible worlds, side by side on threads; the answers do not depend on how many.

use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use frostline_freeze::{Continue, FreezeScene, SolverSettings, simulate_many};
use frostline_space::PatientVector;

use super::RobustSettings;
use super::judge::{Asked, Told, judged, told};
use super::place::{Frame, NoPlan, placed};
use super::sobol::Sobol;
use super::world::{World, WorldLaw};
use crate::anatomy::Anatomy;
use crate::build_scene::{BuildError, BuiltScene, build_scene};
use crate::catalogue::Catalogues;
use crate::goals::Goals;
use crate::plan::{Plan, PlanError};

/// What is asked of every world.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a> {
    pub anatomy: &'a Anatomy,
    pub plan: &'a Plan,
    pub goals: &'a Goals,
    pub catalogues: &'a Catalogues,
    pub law: &'a WorldLaw,
    pub settings: &'a RobustSettings,
}

/// One world and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    pub world: World,
    pub told: Result<Told, &'static str>,
}

impl Sample {
    /// A world without an answer is no success.
    pub(crate) fn is_success(&self) -> bool {
        self.told.as_ref().is_ok_and(Told::is_success)
    }
}

/// Worlds that one thread takes at a time: enough to share the field around a probe, few enough to fit in memory and to keep
/// two threads at work on the sixteen worlds of a first look.
const BATCH: usize = 8;

/// The worlds of these numbers in their order; `None` when `progress` said stop.
pub(crate) fn samples(
    question: &Question,
    numbers: Range<usize>,
    progress: &(dyn Fn(usize) -> Continue + Sync),
) -> Option<Vec<Sample>> {
    let sobol = Sobol::new(question.settings.seed);
    let frame = Frame::of(question.anatomy, question.plan, question.catalogues);
    let batches = numbers.len().div_ceil(BATCH);
    let (next, done, stopped) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let answers: Vec<OnceLock<Vec<Sample>>> = (0..batches).map(|_| OnceLock::new()).collect();
    let work = || {
        while !stopped.load(Ordering::Relaxed) {
            let batch = next.fetch_add(1, Ordering::Relaxed);
            let Some(answer) = answers.get(batch) else { break };
            let first = numbers.start + batch * BATCH;
            let points = first..(first + BATCH).min(numbers.end);
            let worlds: Vec<World> = points.map(|n| question.law.world(&sobol, n as u32)).collect();
            let found = batch_of(question, &frame, worlds);
            let so_far = done.fetch_add(found.len(), Ordering::Relaxed) + found.len();
            // Nobody else has this number.
            let _ = answer.set(found);
            if progress(so_far) == Continue::Stop {
                stopped.store(true, Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..question.settings.solver.threads.min(batches) {
            scope.spawn(work);
        }
        work();
    });
    let all: Option<Vec<Vec<Sample>>> = answers.into_iter().map(OnceLock::into_inner).collect();
    all.map(|batches| batches.into_iter().flatten().collect())
}

/// What a world is made of, ready to be solved.
struct Ready {
    anatomy: Anatomy,
    plan: Plan,
    catalogues: Catalogues,
    built: BuiltScene,
    edges_off: Vec<PatientVector>,
}

fn batch_of(question: &Question, frame: &Frame, worlds: Vec<World>) -> Vec<Sample> {
    let ready: Vec<Result<Ready, &'static str>> = worlds.iter().map(|world| made(question, frame, world)).collect();
    let scenes: Vec<_> = ready.iter().flatten().map(|ready| ready.built.scene.clone()).collect();
    let one = SolverSettings { threads: 1, ..question.settings.solver };
    let mut histories = simulate_many(&scenes, &one, &|_| Continue::Yes).into_iter();
    let judged_one = |(world, ready): (World, Result<Ready, &'static str>)| {
        let told = ready.and_then(|ready| {
            // There is one history for each scene that was made.
            let history = histories.next().and_then(Result::ok).ok_or(NOT_SOLVED)?;
            let asked = Asked {
                anatomy: &ready.anatomy,
                plan: &ready.plan,
                catalogues: &ready.catalogues,
                edges_off: &ready.edges_off,
            };
            let judged = judged(&asked, &ready.built, &history);
            Ok(told(&asked, &judged, &history, question.goals, &world))
        });
        Sample { world, told }
    };
    worlds.into_iter().zip(ready).map(judged_one).collect()
}

const NOT_SOLVED: &str = "the heat solver had no answer";

fn made(question: &Question, frame: &Frame, world: &World) -> Result<Ready, &'static str> {
    let catalogues = question.catalogues.varied(&world.variation());
    let (anatomy, plan) =
        placed(question.anatomy, question.plan, &catalogues, frame, world).map_err(|why| no_plan_words(&why))?;
    let built = build_scene(&anatomy, &plan, &catalogues, &world.correction(), &question.settings.resolution)
        .map_err(|why| not_built_words(&why))?;
    let built = with_even_shafts(built).map_err(|why| not_built_words(&why))?;
    let structures = anatomy.structures.iter().zip(&world.structures_mm).map(|(s, off_mm)| (&s.shape, off_mm[0]));
    let share = |off_mm: f64| question.law.marking_share(off_mm);
    let edge_off = |(shape, off_mm)| frame.edge_off(shape, &question.anatomy.tissues, share(off_mm));
    let edges_off = structures.map(edge_off).collect();
    Ok(Ready { anatomy, plan, catalogues, built, edges_off })
}

/// Shafts end on whole steps outside the skin, where they lie in air and change nothing: worlds then share the field around
/// a probe, which costs more than solving the freeze.
fn with_even_shafts(built: BuiltScene) -> Result<BuiltScene, BuildError> {
    let mut parts = built.scene.parts().clone();
    for probe in &mut parts.probes {
        let length_mm = &mut probe.shape.shaft_length_mm;
        *length_mm = (*length_mm / SHAFT_STEP_MM).ceil().max(1.0) * SHAFT_STEP_MM;
    }
    Ok(BuiltScene { scene: FreezeScene::new(parts)?, ..built })
}

/// Longer than tips scatter, so that one or two lengths serve nearly all worlds. Unit: mm.
const SHAFT_STEP_MM: f64 = 20.0;

/// Why a world has no plan, without the numbers of that world.
fn no_plan_words(why: &NoPlan) -> &'static str {
    match why {
        NoPlan::Course => "a structure cannot be moved",
        NoPlan::Plan(PlanError::TipOutside { .. }) => "the tip comes to lie outside the limb",
        NoPlan::Plan(PlanError::NoSkin { .. } | PlanError::EntryOffSkin { .. }) => {
            "the probe does not meet the skin where it was to enter"
        }
        NoPlan::Plan(PlanError::TooShort { .. }) => "the probe is too short to reach so deep",
        NoPlan::Plan(PlanError::FarApart { .. }) => "two probes come to lie too far apart",
        NoPlan::Plan(_) => "the plan is refused",
    }
}

fn not_built_words(why: &BuildError) -> &'static str {
    match why {
        BuildError::Scene(_) => "the heat solver refuses the scene",
        _ => "no scene can be built",
    }
}
