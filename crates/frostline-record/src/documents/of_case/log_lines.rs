//! The log of the procedure, every line of it.
//!
//! No match here has a `_` and no pattern leaves a field out: a new kind of line, or a new field of one, does not compile before
//! somebody decided how it is printed.

use super::Surroundings;
use super::procedure::written_late;
use super::said::Said;
use crate::case::steps::*;
use crate::case::{Case, Judging};
use crate::documents::calendar::Date;
use crate::documents::clinical_inputs::LoggedLine;

/// The whole log, in the order in which it happened.
pub(super) fn log_of(case: &Case, judging: &Judging, around: &Surroundings) -> Vec<LoggedLine> {
    let lines = case.log().map(|(line, logged)| {
        let (what, details) = told(logged);
        LoggedLine {
            at: around.local(line.at.moment()),
            written: written_late(line.at, line.signed.at, judging, around),
            what: what.to_owned(),
            details,
            by: line.signed.by.name.clone(),
        }
    });
    lines.collect()
}

/// What a line is called on paper, and everything that it says.
fn told(logged: &Logged) -> (&'static str, String) {
    match logged {
        Logged::Positioned(line) => ("Position", positioned(line)),
        Logged::EquipmentChecked(line) => ("Equipment", equipment(line)),
        Logged::SkinPrepared(line) => ("Skin preparation", skin(line)),
        Logged::AnaestheticGiven(line) => ("Local anaesthetic", anaesthetic(line)),
        Logged::NeedlePlaced(line) => ("Needle placed", needle(line)),
        Logged::Stimulated(line) => ("Stimulation", stimulation(line)),
        Logged::FluidGiven(line) => ("Fluid", fluid(line)),
        Logged::FreezeStarted(FreezeStart { pressure_bar }) => {
            ("Gas on", Said::new().number("pressure", *pressure_bar, "bar").text())
        }
        Logged::FreezeStopped(line) => ("Gas off", stopped(line)),
        Logged::Thawed(Thaw { seconds, tip_c, active }) => {
            let said = Said::new().number("thawed", Some(*seconds), "s").number("tip", *tip_c, "°C");
            ("Thaw", said.answer("warmed by the probe", *active).text())
        }
        Logged::MotorTested(MotorTest { power }) => ("Power tested", Said::new().power(power).text()),
        Logged::Repositioned(Reposition { along_mm, reason }) => {
            ("Probe moved", Said::new().number("along the nerve", *along_mm, "mm").words("why", reason).text())
        }
        Logged::ComfortSaid(Comfort { discomfort, cold, words }) => {
            let said = Said::new().number("discomfort", Some(discomfort.score()), "of 10");
            let said = said.number("cold", cold.map(|cold| cold.score()), "of 10");
            ("How it feels", said.maybe("said", words.as_deref()).text())
        }
        Logged::ProbeOut(ProbeOut { tip_c, moves_freely, pressed_minutes, bled }) => {
            let said = Said::new().number("tip", *tip_c, "°C").answer("moved freely", *moves_freely);
            ("Probe out", said.number("pressed for", *pressed_minutes, "min").answer("bled", *bled).text())
        }
        Logged::ProbeTornOut(ProbeTornOut { tip_c, words, bled, probe_whole }) => {
            let said = Said::new().words("how", words).number("tip, last read", *tip_c, "°C").answer("bled", *bled);
            ("Probe came out of ice", said.answer("probe whole", *probe_whole).text())
        }
        Logged::TeamChanged(line) => ("Team changed", team(line)),
        Logged::ImageStored(line) => ("Image stored", image(line)),
        Logged::Dressed(words) => ("Dressing", words.clone()),
        Logged::SedativeGiven(SedativeGiven { drug, mg, way }) => {
            ("Sedative", Said::new().plain(drug).number("", Some(*mg), "mg").plain(way).text())
        }
        Logged::Observed(line) => ("Monitor", Said::new().observed(line).text()),
        Logged::Note(words) => ("Note", words.clone()),
    }
}

fn positioned(line: &Position) -> String {
    let Position { lies, padding, warm_packs } = line;
    Said::new().plain(lies).words("padded", padding).maybe("warm packs", warm_packs.as_deref()).text()
}

fn equipment(line: &Equipment) -> String {
    let Equipment {
        probe,
        lot,
        probe_until,
        udi,
        leak_tested,
        gas,
        gas_until,
        pressure_bar,
        cylinder,
        spare,
        thermometer,
    } = line;
    Said::new()
        .words("probe", probe)
        .words("lot", lot)
        .maybe("use before", probe_until.map(|day| Date::of(day).iso()).as_deref())
        .maybe("UDI", udi.as_deref())
        .answer("leak test", *leak_tested)
        .words("gas", gas)
        .maybe("cylinder", cylinder.as_deref())
        .maybe("gas use before", gas_until.map(|day| Date::of(day).iso()).as_deref())
        .number("pressure", *pressure_bar, "bar")
        .answer("spare probe", *spare)
        .answer("skin thermometer", *thermometer)
        .text()
}

fn skin(line: &SkinPreparation) -> String {
    let SkinPreparation { agent, dried, drape } = line;
    Said::new().plain(agent).answer("dried", *dried).maybe("drape", drape.as_deref()).text()
}

fn anaesthetic(line: &AnaestheticGiven) -> String {
    let AnaestheticGiven { drug, volume_ml, concentration_percent, epinephrine, at_nerve, place, lot } = line;
    Said::new()
        .plain(drug)
        .number("", Some(*concentration_percent), "%")
        .number("", Some(*volume_ml), "mL")
        .answer("epinephrine", *epinephrine)
        .answer("at the nerve", *at_nerve)
        .maybe("place", place.as_deref())
        .maybe("lot", lot.as_deref())
        .text()
}

fn needle(line: &Needle) -> String {
    let Needle { depth_mm, off_plan_mm, introducer, entry, angle_deg, words } = line;
    Said::new()
        .maybe("entry", entry.as_deref())
        .number("depth of the tip", *depth_mm, "mm")
        .number("angle to the skin", *angle_deg, "degrees")
        .number("off the planned tip", *off_plan_mm, "mm")
        .maybe("introducer", introducer.as_deref())
        .maybe("words", words.as_deref())
        .text()
}

fn stimulation(line: &Stimulation) -> String {
    let Stimulation { kind, hz, volts, milliamperes, pulse_ms, answered, where_felt } = line;
    let kind = match kind {
        StimulationKind::Sensory => "sensory",
        StimulationKind::Motor => "motor",
    };
    Said::new()
        .plain(kind)
        .number("", Some(*hz), "Hz")
        .number("", Some(*volts), "V")
        .number("", *milliamperes, "mA")
        .number("pulse", *pulse_ms, "ms")
        .answer("answered", *answered)
        .maybe("where", where_felt.as_deref())
        .text()
}

fn fluid(line: &FluidGiven) -> String {
    let FluidGiven { fluid, ml, protects, gap_before_mm, gap_after_mm } = line;
    Said::new()
        .plain(fluid)
        .number("", Some(*ml), "mL")
        .words("protects", protects)
        .number("gap before", *gap_before_mm, "mm")
        .number("gap after", *gap_after_mm, "mm")
        .text()
}

fn stopped(line: &FreezeStop) -> String {
    let FreezeStop {
        tip_c,
        ice_length_mm,
        ice_width_mm,
        skin_c,
        skin_thermometer,
        skin_warmed,
        words,
        tissue_c,
        pressure_bar,
    } = line;
    let tissue = tissue_c.iter().map(|celsius| format!("{celsius} °C")).collect::<Vec<_>>().join(", ");
    Said::new()
        .number("coldest tip", *tip_c, "°C")
        .number("ice length", *ice_length_mm, "mm")
        .number("ice width", *ice_width_mm, "mm")
        .answer("skin thermometer", *skin_thermometer)
        .number("coldest skin", *skin_c, "°C")
        .answer("skin warmed", *skin_warmed)
        .maybe("coldest in the tissue", (!tissue.is_empty()).then_some(tissue.as_str()))
        .number("pressure", *pressure_bar, "bar")
        .maybe("the patient said", words.as_deref())
        .text()
}

fn team(line: &TeamChange) -> String {
    let TeamChange { came, left, dedicated_person, capnography, anaesthesiologist } = line;
    let names = |people: &[PersonOnTeam]| {
        let name = |person: &PersonOnTeam| format!("{} ({})", person.name, person.role.word());
        (!people.is_empty()).then(|| people.iter().map(name).collect::<Vec<_>>().join(", "))
    };
    Said::new()
        .maybe("came", names(came).as_deref())
        .maybe("left", names(left).as_deref())
        .answer("a person only watches", *dedicated_person)
        .answer("capnography", *capnography)
        .answer("anaesthesiologist there", *anaesthesiologist)
        .text()
}

fn image(line: &ImageStored) -> String {
    let ImageStored { kind, attachment, study_uid, shows } = line;
    Said::new()
        .plain(image_word(*kind))
        .maybe("shows", shows.as_deref())
        .maybe("study", study_uid.as_deref())
        .maybe("attachment", attachment.as_deref())
        .text()
}

/// Which moment an image shows.
pub(super) fn image_word(kind: ImageKind) -> &'static str {
    match kind {
        ImageKind::Before => "before",
        ImageKind::Tip => "tip",
        ImageKind::Ice => "ice",
        ImageKind::After => "after",
    }
}
