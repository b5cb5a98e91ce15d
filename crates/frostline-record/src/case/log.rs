//! The log of the procedure in the order in which things happened, which need not be that in which they were signed.

use std::borrow::Cow;

use super::steps::{Comfort, FreezeStop, LogLine, Logged, Thaw};
use super::{Case, Judging, Second, SignedStep, Step, StepKind};
use crate::rules::{Day, Moment};

const SECONDS_PER_MINUTE: i64 = 60;

/// When a line of the log happened, and by which step it was signed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Happened<'a> {
    /// Number of the step.
    pub number: u64,
    /// When it happened.
    pub at: Second,
    /// The step as it was signed.
    pub signed: &'a SignedStep,
}

impl Happened<'_> {
    /// How long after it happened it was signed. Unit: min.
    pub fn written_after_minutes(&self) -> i64 {
        self.signed.at.seconds_since(self.at).div_euclid(SECONDS_PER_MINUTE)
    }
}

/// One freeze of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Freeze<'a> {
    /// Gas on.
    pub start: Second,
    /// When the line of gas on was signed.
    pub signed: Second,
    /// Gas off, and what was seen; absent while it runs.
    pub stop: Option<(Second, &'a FreezeStop)>,
    /// Thaw afterwards, when it was logged.
    pub thaw: Option<&'a Thaw>,
    /// The probe was moved, or placed anew, since the freeze before.
    pub at_new_place: bool,
}

/// A thaw with the probe where it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thawed {
    /// After which freeze, from 1.
    pub after: usize,
    /// Since gas off; not known where nobody wrote down that the gas was closed. Unit: s.
    pub seconds: Option<i64>,
}

impl Freeze<'_> {
    /// How long the gas was on. Unit: s.
    pub fn gas_on_s(&self) -> Option<i64> {
        self.stop.map(|(stop, _)| stop.seconds_since(self.start))
    }
}

/// A part of the time in the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoomPhase {
    /// From the sign-in to the first needle.
    GettingReady,
    /// From the first needle to the probe out.
    Procedure,
    /// From the probe out to the sign-out.
    Closing,
    /// From the sign-in to the sign-out, which is what was booked.
    Whole,
}

impl Case {
    /// The log of the procedure, in the order in which it happened.
    pub fn log(&self) -> impl DoubleEndedIterator<Item = (Happened<'_>, &Logged)> {
        let mut lines: Vec<(Happened, &Logged)> = self
            .effective()
            .filter_map(|(signed, step)| match step {
                Step::Logged(line) => Some((happened(signed, line), &line.logged)),
                _ => None,
            })
            .collect();
        // Stable: what happened in one second stays in the order of signing.
        lines.sort_by_key(|(line, _)| line.at);
        lines.into_iter()
    }

    /// The discomfort or cold that asks for a pause: the last that was said while the probe is in, where it is as high as
    /// that.
    pub fn wants_a_pause(&self, judging: &Judging) -> Option<(Happened<'_>, &Comfort)> {
        let lines = self.session_log().rev();
        let last = lines.into_iter().find_map(|(line, logged)| match logged {
            Logged::ComfortSaid(comfort) => Some(Some((line, comfort))),
            Logged::ProbeOut(_) => Some(None),
            _ => None,
        });
        last.flatten().filter(|(_, comfort)| comfort.worse().score() >= judging.pathway.pause_at_discomfort())
    }

    /// How long each part of the time in the room took; a part of which an end is not known is left out. Unit: min.
    pub fn phases(&self) -> Vec<(RoomPhase, i64)> {
        let signed = |kind: StepKind| self.newest(kind).map(|step| step.at);
        let (signed_in, signed_out) = (signed(StepKind::SignedIn), signed(StepKind::SignedOut));
        let first =
            |wanted: fn(&Logged) -> bool| self.log().find(|(_, logged)| wanted(logged)).map(|(line, _)| line.at);
        let needle = first(|logged| matches!(logged, Logged::NeedlePlaced(_)));
        let out = self.log().rev().find(|(_, logged)| matches!(logged, Logged::ProbeOut(_))).map(|(line, _)| line.at);
        let parts = [
            (RoomPhase::GettingReady, signed_in, needle),
            (RoomPhase::Procedure, needle, out),
            (RoomPhase::Closing, out, signed_out),
            (RoomPhase::Whole, signed_in, signed_out),
        ];
        let minutes = |from: Second, until: Second| {
            (until.seconds_since(from) + SECONDS_PER_MINUTE / 2).div_euclid(SECONDS_PER_MINUTE)
        };
        let known = parts.into_iter().filter_map(|(phase, from, until)| Some((phase, minutes(from?, until?))));
        // What was signed in another order than it happened has no length.
        known.filter(|(_, minutes)| *minutes >= 0).collect()
    }

    /// The log since the last booking or cancellation: what was done for another day is no longer in the room.
    pub(super) fn session_log(&self) -> impl DoubleEndedIterator<Item = (Happened<'_>, &Logged)> {
        let moved = |(_, step): &(&SignedStep, &Step)| matches!(step, Step::Booked(_) | Step::Cancelled(_));
        let since = self.effective().rev().find(moved).map(|(signed, _)| signed);
        self.log().filter(move |(line, _)| since.is_none_or(|since| line.number > since.number && line.at >= since.at))
    }

    /// Every freeze, in order.
    pub fn freezes(&self) -> Vec<Freeze<'_>> {
        let mut freezes: Vec<Freeze> = Vec::new();
        let mut moved = true;
        for (line, logged) in self.log() {
            match logged {
                Logged::FreezeStarted(_) => {
                    let at_new_place = std::mem::take(&mut moved);
                    let (start, signed) = (line.at, line.signed.at);
                    freezes.push(Freeze { start, signed, stop: None, thaw: None, at_new_place });
                }
                Logged::FreezeStopped(stop) => {
                    if let Some(running) = freezes.last_mut().filter(|freeze| freeze.stop.is_none()) {
                        running.stop = Some((line.at, stop));
                    }
                }
                Logged::Thawed(thaw) => {
                    if let Some(last) = freezes.last_mut() {
                        last.thaw = Some(thaw);
                    }
                }
                Logged::NeedlePlaced(_) | Logged::Repositioned(_) => moved = true,
                _ => {}
            }
        }
        freezes
    }

    /// From gas off to the next gas on where the probe stayed, for every such pair of freezes.
    pub fn thaws_between(&self) -> Vec<Thawed> {
        let freezes = self.freezes();
        let pairs = freezes.windows(2).zip(1..).filter(|(pair, _)| !pair[1].at_new_place);
        let thaw = |(pair, after): (&[Freeze], usize)| {
            let seconds = pair[0].stop.map(|(stop, _)| pair[1].start.seconds_since(stop));
            Thawed { after, seconds }
        };
        pairs.map(thaw).collect()
    }

    /// How long the tissue at the probe has thawed, to the full minute; nothing when the probe moved since, or is out.
    pub(super) fn thaw_so_far(&self, now: Moment) -> Option<Thawed> {
        let freezes = self.freezes();
        let (stop, _) = freezes.last()?.stop?;
        let leaves = |logged: &Logged| {
            use Logged::*;
            matches!(logged, NeedlePlaced(_) | Repositioned(_) | ProbeOut(_) | ProbeTornOut(_))
        };
        let left = self.log().any(|(line, logged)| line.at >= stop && leaves(logged));
        let seconds = (now.0 * SECONDS_PER_MINUTE - stop.0).max(0);
        (!left).then_some(Thawed { after: freezes.len(), seconds: Some(seconds) })
    }

    /// The day of the first freeze: that of the sign-in before it, where it was written down later.
    pub fn treated_on(&self) -> Option<Day> {
        let (line, _) = self.log().find(|(_, logged)| matches!(logged, Logged::FreezeStarted(_)))?;
        let sign_ins = self.effective().rev().filter(|(_, step)| step.kind() == StepKind::SignedIn);
        let signed_in = sign_ins.map(|(signed, _)| signed).find(|signed| signed.at <= line.at);
        let late = line.at < line.signed.at;
        Some(signed_in.filter(|_| late).map_or(line.signed.day, |signed| signed.day))
    }

    /// The case as it stood when a line happened that is signed afterwards; as it stands now for every other step.
    /// Decisions against rulings and corrections count whenever they were signed: they are about what happened.
    pub(super) fn as_it_was(&self, unseen: &SignedStep) -> Cow<'_, Case> {
        let Some(at) = happened_at(&unseen.step) else { return Cow::Borrowed(self) };
        let later: Vec<u64> = self.log().filter(|(line, _)| line.at > at).map(|(line, _)| line.number).collect();
        let is_log = |step: &SignedStep| step.step.kind() == StepKind::Logged;
        let counts = |step: &SignedStep| match step.step.kind() {
            StepKind::Corrected | StepKind::Overridden => true,
            _ if is_log(step) => !later.contains(&step.number),
            _ => step.at <= at,
        };
        Cow::Owned(Case { steps: self.steps.iter().filter(|step| counts(step)).cloned().collect() })
    }

    /// Why a line cannot have happened when it is said to; `at` is when it is signed.
    pub(super) fn not_then(&self, line: &LogLine, at: Second) -> Option<String> {
        let happened = line.happened_at?;
        if happened > at {
            return Some(format!("found {happened}, which is still to come (it is {at}); write when it happened"));
        }
        let sign_ins = || self.effective().filter(|(_, step)| step.kind() == StepKind::SignedIn);
        let first = sign_ins().map(|(signed, _)| signed.at).next();
        match first {
            Some(first) if happened < first => {
                Some(format!("found {happened}, before the sign-in at {first}; look at the clock of the room again"))
            }
            _ => None,
        }
    }

    /// The day on which a step counts: that of the sign-in for a line that happened within one session of it.
    pub(super) fn day_of(&self, unseen: &SignedStep, longest_session: i64) -> Day {
        let sign_in = self.newest(StepKind::SignedIn);
        match (happened_at(&unseen.step), sign_in) {
            (Some(at), Some(sign_in)) if minutes(sign_in.at.moment(), at.moment()) <= longest_session => sign_in.day,
            _ => unseen.day,
        }
    }
}

fn minutes(from: Moment, to: Moment) -> i64 {
    to.0 - from.0
}

fn happened_at(step: &Step) -> Option<Second> {
    match step {
        Step::Logged(line) => line.happened_at,
        _ => None,
    }
}

/// A correction that says no time leaves the time as it was.
fn happened<'a>(signed: &'a SignedStep, line: &LogLine) -> Happened<'a> {
    let at = line.happened_at.or(happened_at(&signed.step)).unwrap_or(signed.at);
    Happened { number: signed.number, at, signed }
}
