//! Rules at the nerve: before the gas opens, before the probe comes out, and whether the record is whole.

use frostline_plan::catalogue::Known;

use super::super::log::Thawed;
use super::super::steps::{
    Equipment, ImageKind, Logged, MusclePower, ProbeOut, ProbeTornOut, Stimulation, StimulationKind,
};
use super::super::views::known;
use super::super::{Case, Second};
use super::Judging;
use crate::rules::{Answer, CycleRecord, Done, Images, Moment, PowerCheck, Ruling, SkinReading, Twitch};

const SECONDS_PER_MINUTE: f64 = 60.0;

impl Case {
    /// What must hold before each freeze, from the log as it stands.
    pub(super) fn before_freeze(&self, judging: &Judging) -> Vec<Ruling> {
        let book = judging.book;
        let nerve = self.site().map(|site| site.nerve).unwrap_or_default();
        let fibre = known(judging.nerves.find(&nerve).map(|nerve| nerve.role.value.fibre));
        let mut rulings = vec![book.motor_twitch(fibre, self.twitch()), self.equipment_ruling(judging)];
        rulings.extend(self.last_thaw(judging));
        if let Some(anaesthetic) =
            self.first_at(|l| matches!(l, Logged::AnaestheticGiven(g) if g.at_nerve == Answer::Yes))
        {
            let stimulated = self.first_at(|l| matches!(l, Logged::Stimulated(_)));
            let numb = stimulated.map_or(anaesthetic.moment(), |test| minute_after(test, anaesthetic));
            let stimulated = stimulated.map_or(Done::Not, |at| Done::At(at.moment()));
            rulings.push(book.stimulation_order(stimulated, Done::At(numb)));
        }
        // Weakness is asked once power was tested after a freeze, before every further one.
        if self.tested_after_freeze() {
            rulings.push(self.weakness(judging).0);
        }
        if let Some(skin) = self.skin() {
            rulings.push(book.skin(skin.0, skin.1));
        }
        rulings
    }

    /// N-12 over the thaw before the newest freeze, or before the next one, where the probe stayed.
    fn last_thaw(&self, judging: &Judging) -> Option<Ruling> {
        let freezes = self.freezes();
        match freezes.last()?.stop {
            None => self.thaws_between().pop().filter(|thaw| thaw.after + 1 == freezes.len()),
            Some(_) => self.thaw_so_far(judging.now),
        }
        .map(|thaw| self.thaw_ruling(thaw, judging))
    }

    fn thaw_ruling(&self, thaw: Thawed, judging: &Judging) -> Ruling {
        let planned_s = known(self.approved_plan().map(|plan| plan.thaw_s));
        judging.book.thaw(thaw.after, known(thaw.seconds.map(|s| s as f64)), planned_s)
    }

    /// The worst that motor stimulation showed since the probe was last placed or moved: a muscle that moved once lies
    /// there, however often it is asked again.
    fn twitch(&self) -> Twitch {
        let mut shown = Twitch::NotTested;
        for (_, logged) in self.session_log() {
            match logged {
                Logged::NeedlePlaced(_) | Logged::Repositioned(_) => shown = Twitch::NotTested,
                Logged::Stimulated(Stimulation { kind: StimulationKind::Motor, volts, answered, .. }) => {
                    shown = worse(shown, *volts, *answered);
                }
                _ => {}
            }
        }
        shown
    }

    /// The last number of a step that placed or moved the probe; 0 when none did.
    pub(super) fn probe_moved_last(&self) -> u64 {
        let moved = |logged: &Logged| matches!(logged, Logged::NeedlePlaced(_) | Logged::Repositioned(_));
        self.session_log().filter(|(_, logged)| moved(logged)).map(|(line, _)| line.number).max().unwrap_or(0)
    }

    fn equipment_ruling(&self, judging: &Judging) -> Ruling {
        let checked = self.checked_equipment();
        let days =
            [("probe", known(checked.and_then(|e| e.probe_until))), ("gas", known(checked.and_then(|e| e.gas_until)))];
        judging.book.equipment(&days, checked.map(|e| e.leak_tested).unwrap_or_default(), judging.today)
    }

    /// The newest check of probe and gas.
    pub fn checked_equipment(&self) -> Option<&Equipment> {
        self.session_log().rev().find_map(|(_, logged)| match logged {
            Logged::EquipmentChecked(equipment) => Some(equipment),
            _ => None,
        })
    }

    fn first_at(&self, is: impl Fn(&Logged) -> bool) -> Option<Second> {
        self.session_log().find(|(_, logged)| is(logged)).map(|(signed, _)| signed.at)
    }

    fn tested_after_freeze(&self) -> bool {
        let mut log = self.log();
        log.any(|(_, logged)| matches!(logged, Logged::FreezeStarted(_)))
            && log.any(|(_, logged)| matches!(logged, Logged::MotorTested(_)))
    }

    /// N-08 over the newest test of power, and the muscles that lost some.
    pub(super) fn weakness(&self, judging: &Judging) -> (Ruling, Vec<String>) {
        let before = self.baseline_exam().map(|exam| exam.power.as_slice()).unwrap_or_default();
        let tested = self.log().rev().find_map(|(_, logged)| match logged {
            Logged::MotorTested(test) => Some(test.power.as_slice()),
            _ => None,
        });
        let looked = self.recovery().map(|look| look.power.as_slice()).filter(|power| !power.is_empty());
        let now = looked.or(tested).unwrap_or_default();
        let grade = |list: &[MusclePower], muscle: &str| {
            known(list.iter().find(|power| power.muscle == muscle).and_then(|power| power.mrc))
        };
        let checks: Vec<PowerCheck> = before
            .iter()
            .map(|power| PowerCheck {
                muscle: power.muscle.clone(),
                before: known(power.mrc),
                now: grade(now, &power.muscle),
            })
            .collect();
        let computed = judging.book.new_weakness(&checks);
        (computed.ruling, computed.result)
    }

    fn skin(&self) -> Option<(SkinReading, Answer)> {
        let stops: Vec<_> = self.freezes().into_iter().filter_map(|freeze| freeze.stop.map(|(_, stop)| stop)).collect();
        let last = stops.last()?;
        let coldest = stops.iter().filter_map(|stop| stop.skin_c).reduce(f64::min);
        let reading = match (last.skin_thermometer, coldest) {
            (_, Some(coldest_c)) => SkinReading::ReadC(coldest_c),
            (Answer::No, None) => SkinReading::NoThermometer,
            (Answer::Yes | Answer::NotAsked, None) => SkinReading::NotKnown,
        };
        Some((reading, last.skin_warmed))
    }

    /// When the probe came out, and how.
    pub fn probe_is_out(&self) -> Option<&ProbeOut> {
        self.log().rev().find_map(|(_, logged)| match logged {
            Logged::ProbeOut(out) => Some(out),
            _ => None,
        })
    }

    /// Whether a probe came out, by itself or torn.
    pub(in super::super) fn probe_came_out(&self) -> bool {
        self.log().any(|(_, logged)| matches!(logged, Logged::ProbeOut(_) | Logged::ProbeTornOut(_)))
    }

    /// Probes that came out of ice, each with the number of its step.
    fn torn_out(&self) -> impl Iterator<Item = (u64, &ProbeTornOut)> {
        self.log().filter_map(|(line, logged)| match logged {
            Logged::ProbeTornOut(torn) => Some((line.number, torn)),
            _ => None,
        })
    }

    /// Whether an adverse event names this step.
    fn has_event_of(&self, number: u64) -> Answer {
        let told = self.events().iter().any(|(event, _)| event.step == Some(number));
        if told { Answer::Yes } else { Answer::No }
    }

    /// N-05 for a probe that was in ice and came out.
    pub(super) fn removal_rulings(&self, judging: &Judging) -> Vec<Ruling> {
        let torn =
            self.torn_out().map(|(step, torn)| judging.book.torn_out(known(torn.tip_c), self.has_event_of(step)));
        let mut rulings: Vec<Ruling> = torn.collect();
        let freezes = self.freezes();
        let (Some(last), Some(out)) = (freezes.last(), self.probe_is_out()) else { return rulings };
        // The tip just before it came out, else at the end of the last thaw.
        let tip_c = out.tip_c.or(last.thaw.and_then(|thaw| thaw.tip_c));
        rulings.push(judging.book.removal(known(tip_c), out.moves_freely));
        rulings
    }

    pub(super) fn whole_record(&self, judging: &Judging) -> Vec<Ruling> {
        let freezes = self.freezes();
        let cycles: Vec<CycleRecord> = freezes
            .iter()
            .map(|freeze| CycleRecord {
                start: Known::Known(freeze.start.moment()),
                stop: known(freeze.stop.map(|(at, _)| minute_after(freeze.start, at))),
                tip_c: known(freeze.stop.and_then(|(_, stop)| stop.tip_c)),
            })
            .collect();
        let planned = known(self.approved_plan().map(|plan| plan.cycles as usize));
        let longest = freezes.iter().filter_map(|freeze| freeze.stop?.1.ice_length_mm).reduce(f64::max);
        let book = judging.book;
        let mut rulings = vec![
            book.cycles(&cycles, planned),
            book.frozen_length(known(longest), judging.limits),
            book.images(self.stored_images()),
            book.duration(self.minutes()),
        ];
        rulings.extend(self.skin().map(|(reading, warmed)| book.skin(reading, warmed)));
        let shortest = self.thaws_between().into_iter().min_by_key(|thaw| thaw.seconds);
        rulings.extend(shortest.map(|thaw| self.thaw_ruling(thaw, judging)));
        rulings.extend(self.removal_rulings(judging));
        rulings
    }

    /// Which images the log names.
    pub fn stored_images(&self) -> Images {
        let has = |kind: ImageKind| {
            let stored = self
                .session_log()
                .any(|(_, logged)| matches!(logged, Logged::ImageStored(image) if image.kind == kind));
            if stored { Answer::Yes } else { Answer::No }
        };
        Images {
            before: has(ImageKind::Before),
            tip: has(ImageKind::Tip),
            ice: has(ImageKind::Ice),
            after: has(ImageKind::After),
        }
    }

    /// From the first line of the log to the dressing. Unit: min.
    pub fn minutes(&self) -> Known<f64> {
        let began = self.session_log().next().map(|(signed, _)| signed.at);
        let dressed = self.session_log().rev().find(|(_, logged)| matches!(logged, Logged::Dressed(_)));
        match (began, dressed) {
            (Some(began), Some((signed, _))) => {
                Known::Known(signed.at.seconds_since(began) as f64 / SECONDS_PER_MINUTE)
            }
            _ => Known::NotKnown,
        }
    }
}

/// The minute of `later`; rules count in minutes, so what came seconds after `earlier` counts as the next one.
fn minute_after(earlier: Second, later: Second) -> Moment {
    match later > earlier {
        true => later.moment().max(Moment(earlier.moment().0 + 1)),
        false => later.moment(),
    }
}

fn worse(shown: Twitch, volts: f64, answered: Answer) -> Twitch {
    match (shown, answered) {
        (shown, Answer::NotAsked) => shown,
        (Twitch::At(lowest), Answer::Yes) => Twitch::At(lowest.min(volts)),
        (_, Answer::Yes) => Twitch::At(volts),
        (Twitch::At(lowest), Answer::No) => Twitch::At(lowest),
        (Twitch::NoneUpTo(highest), Answer::No) => Twitch::NoneUpTo(highest.max(volts)),
        (Twitch::NotTested, Answer::No) => Twitch::NoneUpTo(volts),
    }
}
