//! Why nothing can be proposed at all. That goals cannot be met is not an error but an answer.

use crate::build_scene::BuildError;
use crate::evaluate::EvaluateError;
use crate::robust::RobustError;
use frostline_freeze::SimulateError;

/// Why there are no proposals.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ProposeError {
    /// A nerve that is never a target.
    #[error(
        "{nerve} is never offered as a target (policy avoid, source {source_id}); choose one of its sensory branches"
    )]
    NeverATarget {
        /// Its name.
        nerve: String,
        /// Where that comes from.
        source_id: String,
    },
    /// A stretch in which what is wanted has no room.
    #[error(
        "{wanted_mm:.1} mm of nerve are wanted between {from_mm:.1} and {to_mm:.1} mm along it, which are {room_mm:.1} mm \
         of the {marked_mm:.1} mm that are marked; widen the stretch, mark more of the nerve or ask for less"
    )]
    NoRoom {
        /// What is wanted. Unit: mm.
        wanted_mm: f64,
        /// Where the stretch begins. Unit: mm.
        from_mm: f64,
        /// Where it ends. Unit: mm.
        to_mm: f64,
        /// Its length within what is marked. Unit: mm.
        room_mm: f64,
        /// Length of the marked nerve. Unit: mm.
        marked_mm: f64,
    },
    /// A goal that is no number, or makes no sense.
    #[error("the goal is {disabled_mm} mm below {below_c} °C; give a length above 0 mm and a temperature below 0 °C")]
    BadGoal {
        /// Length. Unit: mm.
        disabled_mm: f64,
        /// Temperature. Unit: °C.
        below_c: f64,
    },
    /// A model that the catalogue does not have.
    #[error("the stock names '{found}', which data/probes.toml does not have; it has {known}")]
    UnknownProbe {
        /// The key given.
        found: String,
        /// The keys there are.
        known: String,
    },
    /// A protocol that the catalogue does not have.
    #[error("the stock names the protocol '{found}', which data/protocols.toml does not have; it has {known}")]
    UnknownProtocol {
        /// The key given.
        found: String,
        /// The keys there are.
        known: String,
    },
    /// Something on the skin that the catalogue does not have.
    #[error("'{found}' may lie on the skin, which data/surroundings.toml does not have; it has {known}")]
    UnknownContact {
        /// The key given.
        found: String,
        /// The keys there are.
        known: String,
    },
    /// No model that could be used.
    #[error("no probe in stock can be planned with ({left_out}); name others in [stock] probes")]
    NothingInStock {
        /// Why not, model by model.
        left_out: String,
    },
    /// A scene that cannot be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A run without an answer.
    #[error(transparent)]
    Simulate(#[from] SimulateError),
    /// A plan that cannot be evaluated.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    /// A chance that cannot be told.
    #[error(transparent)]
    Chance(#[from] RobustError),
    /// The caller no longer wants the answer.
    #[error("the search was stopped before anything was confirmed; run it again")]
    Stopped,
}
