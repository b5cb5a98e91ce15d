//! N: what happens at the nerve: the right one, tested, frozen, thawed, and looked at afterwards.

use frostline_plan::anatomy::Side;
use frostline_plan::catalogue::{CatalogueError, Fibre, Known, Limits};
use frostline_plan::side_word;
use serde::{Deserialize, Serialize};

use super::RuleBook;
use super::answer::Answer;
use super::moment::{Day, Moment};
use super::quantity::{Celsius, Minutes, Stimulus};
use super::row::{NoNumbers, numbers, plain, rule_group, texts};
use super::ruling::{Computed, Ruling, Verdict};

texts!(SiteTexts { ok, mismatch, missing });
texts!(OrderTexts { ok, not_stimulated, anaesthetic_first, missing });
numbers!(TwitchNumbers { silent_up_to: Stimulus });
texts!(TwitchTexts { ok, reposition, expected, tested_too_low, missing });
texts!(CycleTexts { ok, fewer, more, incomplete, missing });
numbers!(RemovalNumbers { above: Celsius });
texts!(RemovalTexts { thawed, freed, frozen, torn, torn_told, missing });
texts!(EquipmentTexts { ok, expired, not_tested, missing });
numbers!(SkinNumbers { warn_below: Celsius });
texts!(SkinTexts { ok, cold, cold_warmed, no_thermometer, missing });
texts!(WeaknessTexts { ok, weaker, missing });
texts!(LengthTexts { ok, short, missing });
texts!(ImageTexts { ok, incomplete, missing });
numbers!(DurationNumbers { info_above: Minutes });
texts!(DurationTexts { ok, long, missing });
texts!(ThawTexts { ok, short, missing });

rule_group! {
    /// N-01 to N-12.
    ProcedureRules {
        site: N01, NoNumbers, SiteTexts;
        order: N02, NoNumbers, OrderTexts;
        twitch: N03, TwitchNumbers, TwitchTexts;
        cycles: N04, NoNumbers, CycleTexts;
        removal: N05, RemovalNumbers, RemovalTexts;
        equipment: N06, NoNumbers, EquipmentTexts;
        skin: N07, SkinNumbers, SkinTexts;
        weakness: N08, NoNumbers, WeaknessTexts;
        length: N09, NoNumbers, LengthTexts;
        images: N10, NoNumbers, ImageTexts;
        duration: N11, DurationNumbers, DurationTexts;
        thaw: N12, NoNumbers, ThawTexts;
    }
}

/// Which nerve on which side, as one document or person said it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Key of the nerve in the atlas.
    pub nerve: String,
    /// Which leg.
    #[schema(value_type = String, example = "left")]
    pub side: Side,
}

impl std::fmt::Display for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{} {}", self.nerve, frostline_plan::side_word(self.side))
    }
}

/// When something was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Done {
    /// At this time.
    At(Moment),
    /// It was left out.
    Not,
    /// Nobody wrote it down.
    NotKnown,
}

/// What stimulation of motor fibres showed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Twitch {
    /// A muscle moved at this strength. Unit: V.
    At(f64),
    /// Nothing moved up to this strength. Unit: V.
    NoneUpTo(f64),
    /// Nobody tested.
    NotTested,
}

/// One freeze as it was logged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CycleRecord {
    /// Gas on.
    pub start: Known<Moment>,
    /// Gas off.
    pub stop: Known<Moment>,
    /// Unit: C.
    pub tip_c: Known<f64>,
}

/// What a thermometer on the skin showed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SkinReading {
    /// There is none.
    NoThermometer,
    /// Coldest so far. Unit: C.
    ReadC(f64),
    /// There is one, but nobody wrote its value down.
    NotKnown,
}

/// Power of one muscle on the scale from 0 to 5 of the Medical Research Council.
#[derive(Clone, Debug, PartialEq)]
pub struct PowerCheck {
    /// Which muscle.
    pub muscle: String,
    /// Before the first freeze.
    pub before: Known<f64>,
    /// Now.
    pub now: Known<f64>,
}

/// Which images were stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Images {
    /// The nerve before.
    pub before: Answer,
    /// The tip of the probe before the first freeze.
    pub tip: Answer,
    /// The ice at its largest.
    pub ice: Answer,
    /// After the thaw.
    pub after: Answer,
}

impl RuleBook {
    /// N-01: whether everybody means the same nerve and side; each with the name of who says so (request, diagnosis,
    /// image, plan, consent, time-out). A place that says nothing stops too: what was not said cannot agree.
    pub fn site(&self, said: &[(&str, Known<&Site>)]) -> Ruling {
        let rule = &self.procedure.site;
        let silent: Vec<&str> =
            said.iter().filter(|(_, site)| matches!(site, Known::NotKnown)).map(|(who, _)| *who).collect();
        let words: Vec<String> = said
            .iter()
            .filter_map(|(who, site)| site.known().map(|s| format!("{who}: {} {}", s.nerve, side_word(s.side))))
            .collect();
        let judge = self.judge(rule).fact("said", words.join("; ")).fact("silent", silent.join(", "));
        let mut sites = said.iter().filter_map(|(_, site)| site.known());
        let Some(first) = sites.next() else {
            return judge.fact("silent", "all").rules(Verdict::Stop, &rule.texts.missing);
        };
        if sites.any(|site| site != first) {
            return judge.rules(Verdict::Stop, &rule.texts.mismatch);
        }
        if !silent.is_empty() || said.len() < 2 {
            return judge.rules(Verdict::Stop, &rule.texts.missing);
        }
        judge.rules(Verdict::Ok, &rule.texts.ok)
    }

    /// N-02: stimulation comes before anaesthetic at the nerve, or it shows nothing.
    pub fn stimulation_order(&self, stimulated: Done, anaesthetic_at_nerve: Done) -> Ruling {
        let rule = &self.procedure.order;
        let judge = self.judge(rule);
        match (stimulated, anaesthetic_at_nerve) {
            (Done::NotKnown, _) | (_, Done::NotKnown) => judge.rules(Verdict::Human, &rule.texts.missing),
            (Done::Not, _) => judge.rules(Verdict::Info, &rule.texts.not_stimulated),
            (Done::At(test), Done::At(numb)) if numb <= test => {
                judge.rules(Verdict::Warn, &rule.texts.anaesthetic_first)
            }
            (Done::At(_), _) => judge.rules(Verdict::Ok, &rule.texts.ok),
        }
    }

    /// N-03: whether motor fibres lie at the tip.
    pub fn motor_twitch(&self, fibre: Known<Fibre>, twitch: Twitch) -> Ruling {
        let rule = &self.procedure.twitch;
        let (texts, limit) = (&rule.texts, &rule.numbers.silent_up_to);
        let limit_v = limit.value.volts;
        let judge = self.judge(rule);
        let judge = match twitch {
            Twitch::At(volts) | Twitch::NoneUpTo(volts) => judge.number("volts", volts),
            Twitch::NotTested => judge,
        };
        match (fibre.known(), twitch) {
            (None, _) | (_, Twitch::NotTested) => judge.rules(Verdict::Human, &texts.missing),
            (Some(Fibre::Mixed | Fibre::Motor), _) => judge.rules(Verdict::Info, &texts.expected),
            (Some(Fibre::Sensory), Twitch::At(volts)) if volts > limit_v => {
                judge.rules_by(Verdict::Ok, &texts.ok, limit)
            }
            (Some(Fibre::Sensory), Twitch::At(_)) => judge.rules_by(Verdict::Stop, &texts.reposition, limit),
            (Some(Fibre::Sensory), Twitch::NoneUpTo(volts)) if volts >= limit_v => {
                judge.rules_by(Verdict::Ok, &texts.ok, limit)
            }
            (Some(Fibre::Sensory), Twitch::NoneUpTo(_)) => judge.rules_by(Verdict::Human, &texts.tested_too_low, limit),
        }
    }

    /// N-04: freezes done against freezes planned; each with start, stop and tip temperature.
    pub fn cycles(&self, done: &[CycleRecord], planned: Known<usize>) -> Ruling {
        let rule = &self.procedure.cycles;
        let judge = self.judge(rule).number("done", done.len() as f64);
        let judge = judge.number_if("planned", planned.known().map(|count| count as f64));
        let is_complete = |cycle: &CycleRecord| match (cycle.start.known(), cycle.stop.known(), cycle.tip_c.known()) {
            (Some(start), Some(stop), Some(tip_c)) => start < stop && tip_c.is_finite(),
            _ => false,
        };
        let incomplete = done.iter().filter(|cycle| !is_complete(cycle)).count();
        let judge = judge.number("incomplete", incomplete as f64);
        match planned.known() {
            None => judge.rules(Verdict::Human, &rule.texts.missing),
            Some(_) if incomplete > 0 => judge.rules(Verdict::Stop, &rule.texts.incomplete),
            Some(planned) if done.len() < planned => judge.rules(Verdict::Info, &rule.texts.fewer),
            Some(planned) if done.len() > planned => judge.rules(Verdict::Info, &rule.texts.more),
            Some(_) => judge.rules(Verdict::Ok, &rule.texts.ok),
        }
    }

    /// N-05: no probe is pulled out of ice.
    pub fn removal(&self, tip_c: Known<f64>, moves_freely: Answer) -> Ruling {
        let rule = &self.procedure.removal;
        let above = &rule.numbers.above;
        let judge = self.judge(rule).number_if("tip", tip_c.known()).fact("free", moves_freely.word());
        match (tip_c.known(), moves_freely) {
            (Some(tip_c), _) if tip_c > above.value.celsius => judge.rules_by(Verdict::Ok, &rule.texts.thawed, above),
            (_, Answer::Yes) => judge.rules(Verdict::Ok, &rule.texts.freed),
            (Some(_), Answer::No | Answer::NotAsked) => judge.rules_by(Verdict::Stop, &rule.texts.frozen, above),
            (None, Answer::No | Answer::NotAsked) => judge.rules(Verdict::Stop, &rule.texts.missing),
        }
    }

    /// N-05 for a probe that came out of ice in spite of all: a stop until an adverse event tells of it, and then for the
    /// operator to say why.
    pub fn torn_out(&self, tip_c: Known<f64>, event_told: Answer) -> Ruling {
        let rule = &self.procedure.removal;
        let judge = self.judge(rule).number_if("tip", tip_c.known()).fact("free", Answer::No.word());
        match event_told {
            Answer::Yes => judge.rules(Verdict::Warn, &rule.texts.torn_told),
            Answer::No | Answer::NotAsked => judge.rules(Verdict::Stop, &rule.texts.torn),
        }
    }

    /// N-12: the thaw between two freezes at one place lasts as long as planned; `after` is the freeze before it, from 1.
    pub fn thaw(&self, after: usize, thawed_s: Known<f64>, planned_s: Known<f64>) -> Ruling {
        let rule = &self.procedure.thaw;
        let judge = self.judge(rule).number("freeze", after as f64);
        let judge = judge.number_if("thawed", thawed_s.known()).number_if("planned", planned_s.known());
        match (thawed_s.known(), planned_s.known()) {
            (Some(thawed_s), Some(planned_s)) if thawed_s >= planned_s => judge.rules(Verdict::Ok, &rule.texts.ok),
            (Some(thawed_s), Some(planned_s)) if thawed_s < planned_s => judge.rules(Verdict::Warn, &rule.texts.short),
            _ => judge.rules(Verdict::Human, &rule.texts.missing),
        }
    }

    /// N-06: probe and gas are in date and the probe was tested for leaks; each item with its last day.
    pub fn equipment(&self, last_days: &[(&str, Known<Day>)], leak_tested: Answer, today: Day) -> Ruling {
        let rule = &self.procedure.equipment;
        let judge = self.judge(rule).fact("leak_test", leak_tested.word());
        let expired = last_days.iter().filter(|(_, last)| last.known().is_some_and(|last| last < today));
        let expired: Vec<&str> = expired.map(|(item, _)| *item).collect();
        let unknown = last_days.iter().filter(|(_, last)| last.known().is_none());
        let unknown: Vec<&str> = unknown.map(|(item, _)| *item).collect();
        match () {
            () if !expired.is_empty() => {
                judge.fact("items", expired.join(", ")).rules(Verdict::Stop, &rule.texts.expired)
            }
            () if last_days.is_empty() => judge.fact("items", "probe, gas").rules(Verdict::Stop, &rule.texts.missing),
            () if !unknown.is_empty() => {
                judge.fact("items", unknown.join(", ")).rules(Verdict::Stop, &rule.texts.missing)
            }
            () if leak_tested != Answer::Yes => judge.rules(Verdict::Stop, &rule.texts.not_tested),
            () => judge.fact("items", "none").rules(Verdict::Ok, &rule.texts.ok),
        }
    }

    /// N-07: how cold the skin got.
    pub fn skin(&self, skin: SkinReading, warmed: Answer) -> Ruling {
        let rule = &self.procedure.skin;
        let limit = &rule.numbers.warn_below;
        let judge = self.judge(rule).fact("warmed", warmed.word());
        match (skin, warmed) {
            (SkinReading::NotKnown, _) => judge.rules(Verdict::Human, &rule.texts.missing),
            (SkinReading::NoThermometer, _) => judge.rules(Verdict::Info, &rule.texts.no_thermometer),
            (SkinReading::ReadC(skin_c), _) if skin_c >= limit.value.celsius => {
                judge.number("skin", skin_c).rules_by(Verdict::Ok, &rule.texts.ok, limit)
            }
            (SkinReading::ReadC(skin_c), Answer::Yes) => {
                judge.number("skin", skin_c).rules_by(Verdict::Info, &rule.texts.cold_warmed, limit)
            }
            (SkinReading::ReadC(skin_c), Answer::No | Answer::NotAsked) => {
                judge.number("skin", skin_c).rules_by(Verdict::Warn, &rule.texts.cold, limit)
            }
        }
    }

    /// N-08: power after a freeze against power before; with the muscles that lost some, for a draft of an adverse event.
    pub fn new_weakness(&self, checks: &[PowerCheck]) -> Computed<Vec<String>> {
        let rule = &self.procedure.weakness;
        let judge = self.judge(rule);
        let loss = |check: &PowerCheck| match (check.before.known(), check.now.known()) {
            (Some(before), Some(now)) if now < before => {
                Some(format!("{} from {} to {}", check.muscle, plain(before), plain(now)))
            }
            _ => None,
        };
        let weaker: Vec<String> = checks.iter().filter_map(loss).collect();
        let is_known = |grade: Known<f64>| grade.known().is_some_and(f64::is_finite);
        let unknown = checks.iter().any(|check| !is_known(check.before) || !is_known(check.now));
        let ruling = if !weaker.is_empty() {
            judge.fact("muscles", weaker.join(", ")).rules(Verdict::Stop, &rule.texts.weaker)
        } else if unknown || checks.is_empty() {
            judge.rules(Verdict::Human, &rule.texts.missing)
        } else {
            judge.fact("muscles", "none").rules(Verdict::Ok, &rule.texts.ok)
        };
        Computed { ruling, result: weaker }
    }

    /// N-09: length of nerve inside the ice that was seen; the shortest length is that of `limits.toml`. Unit: mm.
    pub fn frozen_length(&self, seen_mm: Known<f64>, limits: &Limits) -> Ruling {
        let rule = &self.procedure.length;
        let shortest = &limits.nerve().shortest_disabled;
        let judge = self.judge(rule).number("needed", shortest.value.millimetres).number_if("seen", seen_mm.known());
        match seen_mm.known() {
            None => judge.rules(Verdict::Human, &rule.texts.missing),
            Some(mm) if mm >= shortest.value.millimetres => judge.rules_by(Verdict::Ok, &rule.texts.ok, shortest),
            Some(_) => judge.rules_by(Verdict::Warn, &rule.texts.short, shortest),
        }
    }

    /// N-10: whether the images that belong to a record are stored.
    pub fn images(&self, stored: Images) -> Ruling {
        let rule = &self.procedure.images;
        let all = [("before", stored.before), ("tip", stored.tip), ("ice", stored.ice), ("after", stored.after)];
        let lacks = |wanted: Answer| {
            all.iter().filter(|(_, there)| *there == wanted).map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
        };
        let judge = self.judge(rule);
        let (absent, unknown) = (lacks(Answer::No), lacks(Answer::NotAsked));
        if !absent.is_empty() {
            return judge.fact("lacks", absent).rules(Verdict::Warn, &rule.texts.incomplete);
        }
        if !unknown.is_empty() {
            return judge.fact("lacks", unknown).rules(Verdict::Human, &rule.texts.missing);
        }
        judge.fact("lacks", "none").rules(Verdict::Ok, &rule.texts.ok)
    }

    /// N-11: how long the procedure took. Unit: min.
    pub fn duration(&self, minutes: Known<f64>) -> Ruling {
        let rule = &self.procedure.duration;
        let usual = &rule.numbers.info_above;
        let judge = self.judge(rule).number_if("minutes", minutes.known());
        match minutes.known() {
            None => judge.rules(Verdict::Human, &rule.texts.missing),
            Some(minutes) if minutes <= usual.value.minutes => judge.rules_by(Verdict::Ok, &rule.texts.ok, usual),
            Some(_) => judge.rules_by(Verdict::Info, &rule.texts.long, usual),
        }
    }
}
