//! Long jobs: plans, searches for plans and chances of success, carried out by whichever program on the database has time.
//!
//! [`JobQueue`] is the door: a job is pushed, claimed by one worker, tells its progress and ends once. Which worker has it is
//! settled by apalis' tables (heartbeats, orphans of killed workers); what was asked and what came of it is in our own table,
//! which takes words only from the attempt that holds the job now. docs/jobs.md tells the whole.

mod files;
mod job;
mod meter;
mod plan_record;
mod queue;
mod runner;
mod work;
mod worker;

#[cfg(test)]
mod tests;

pub use job::{Job, JobState};
pub use plan_record::{PlanRecordError, SOLVER_VERSION, plan_record};
pub use queue::{Claim, End, JobQueue, NewJob, OF_A_CASE, QueueError, Standing, Whose};
pub use runner::{RunnerError, Worker};
pub use work::{PlanWork, ProposeWork, RobustWork, Work, WorkFault};
pub use worker::{Labour, labour};
