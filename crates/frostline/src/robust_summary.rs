//! The chance of success in a dozen lines, for the terminal.

use std::fmt::Write as _;

use frostline_plan::NOTICE;
use frostline_plan::catalogue::Factor;
use frostline_plan::robust::{Chance, How, RemedyOutcome, Robustness};

/// Chances, what spoils them, what matters most and what can be done.
pub fn summary(title: &str, found: &Robustness) -> String {
    let mut text = String::new();
    // Writing to a string cannot go wrong.
    let _ = writeln!(text, "{title}");
    let _ = writeln!(text, "placement {}", found.placement);
    let _ = writeln!(text, "success   {}", words(&found.success));
    let _ = writeln!(
        text,
        "disabled  {} that {:.0} mm of nerve go below {:.0} °C",
        words(&found.disabled),
        found.goals.disabled_mm,
        found.goals.below_c
    );
    let _ = writeln!(text, "safe      {} that no stop limit is crossed", words(&found.safe));
    for stop in &found.stops {
        let _ = writeln!(text, "stop      {}: {}", stop.finding, words(&stop.chance));
    }
    for not in &found.not_answered {
        let _ = writeln!(text, "failed    {} in {} of {} worlds", not.reason, not.worlds, found.samples);
    }
    for band in &found.bands {
        let all =
            if band.share < 1.0 { format!(" (in {:.0} % of the worlds)", 100.0 * band.share) } else { String::new() };
        let _ = writeln!(
            text,
            "band      {}: {:.1} ({:.1} to {:.1}) {}{all}",
            band.what, band.p50, band.p05, band.p95, band.unit
        );
    }
    for sensitivity in found.sensitivities.iter().take(MOST_SHOWN) {
        let Some(share) = sensitivity.of_success.or(sensitivity.of_length).filter(|s| s.low > 0.0) else { continue };
        let _ = writeln!(
            text,
            "matters   {}: {:.0} % of the scatter ({:.0} to {:.0} %)",
            factor_words(sensitivity.factor),
            100.0 * share.share,
            100.0 * share.low,
            100.0 * share.high
        );
    }
    for remedy in &found.remedies {
        let _ = writeln!(text, "remedy    {}: {}", remedy.text, remedy_words(found, remedy));
    }
    let _ = writeln!(text, "{NOTICE}");
    text
}

/// Doubts that are shown.
const MOST_SHOWN: usize = 5;

fn remedy_words(found: &Robustness, remedy: &RemedyOutcome) -> String {
    match (&remedy.success, remedy.how) {
        (Some(then), _) => format!("success from {:.0} to {}", 100.0 * found.success.probability, words(then)),
        (None, How::KnownAlready) => "is so already".into(),
        (None, How::TooFewWorlds) => "too few worlds to tell; run with --resample".into(),
        (None, _) => "only new worlds tell; run with --resample".into(),
    }
}

/// A doubt in a few words.
fn factor_words(factor: Factor) -> &'static str {
    match factor {
        Factor::PlacementTowards => "where the probe lands, towards the nerve or away from it",
        Factor::PlacementBeside => "where the probe lands, on the side of the nerve",
        Factor::PlacementAlong => "how deep the tip lands along the shaft",
        Factor::PlacementSize => "how far from its aim the tip lands in all",
        Factor::ProbeOutput => "how cold the probe gets",
        Factor::FrozenConductivity => "how well frozen tissue conducts",
        Factor::LatentHeat => "how much heat freezing gives off",
        Factor::Perfusion => "how much blood flows",
        Factor::FatLayer => "how thick the fat under the skin is",
        Factor::NerveMarking => "where the nerve was drawn, towards the probe or away from it",
        Factor::NerveMarkingBeside => "where the nerve was drawn, square to that",
        Factor::TransducerPressure => "how deep the transducer presses",
        Factor::BloodTemperature => "how warm the limb is",
    }
}

/// A chance with its interval.
fn words(chance: &Chance) -> String {
    format!("{:.0} % ({:.0} to {:.0} %)", 100.0 * chance.probability, 100.0 * chance.low, 100.0 * chance.high)
}
