//! Proposals in a screenful, for the terminal.

use std::fmt::Write as _;

use frostline_plan::NOTICE;
use frostline_plan::propose::{Merits, PlacementRow, Proposals, VendorPlan};

use super::{HandMade, chance_words, fluid_words, level_word, number};

/// What is proposed, what stands against more, and what it was compared with.
pub fn summary(title: &str, found: &Proposals, hand_made: Option<&HandMade>) -> String {
    let mut text = String::new();
    // Writing to a string cannot go wrong.
    let _ = writeln!(text, "{title}");
    let _ = writeln!(
        text,
        "goal      {:.1} mm of nerve below {:.0} °C over the whole cross-section: {}",
        found.goals.disabled_mm,
        found.goals.below_c,
        if found.goals_met { "met" } else { "NOT MET" }
    );
    for conflict in &found.conflicts {
        let _ = writeln!(text, "conflict  {} against {}: {}", conflict.limit, conflict.goal, conflict.text);
    }
    for (n, proposal) in found.proposals.iter().enumerate() {
        let labels: Vec<_> = proposal.labels.iter().map(|l| l.words()).collect();
        let _ =
            writeln!(text, "{:<9} {} [{}]", format!("plan {}", n + 1), labels.join(", "), level_word(proposal.verdict));
        for placement in &proposal.placements {
            let _ =
                writeln!(text, "          {}", placement_line(placement, &proposal.protocol, &proposal.skin_contact));
        }
        let _ = writeln!(
            text,
            "          {}{}; chance of success {}, gas {}",
            merits_line(&proposal.merits),
            fluid_words(&proposal.fluid),
            chance_words(proposal.chance),
            proposal.gas
        );
        if let Some(motor) = proposal.not_known.iter().find(|t| t.contains("motor nerve")) {
            let _ = writeln!(text, "          cannot be \"ok\": {motor}");
        }
    }
    if let Some(hand) = hand_made {
        let _ = writeln!(
            text,
            "by hand   {}; chance of success {} [{}]",
            merits_line(&hand.merits),
            chance_words(hand.chance),
            level_word(hand.verdict)
        );
    }
    let _ = writeln!(text, "brochure  {}", vendor_line(&found.vendor));
    for remark in &found.remarks {
        let _ = writeln!(text, "remark    {remark}");
    }
    for out in &found.left_out {
        let _ = writeln!(text, "left out  {out}");
    }
    let work = &found.work;
    let _ = writeln!(
        text,
        "search    {} ways, {} open, {} estimates; {} + {} coarse runs, {} worlds, {} confirmed; {} on the Pareto front",
        work.ways,
        work.open_ways,
        work.estimates,
        work.reach_runs,
        work.planning_runs,
        work.worlds,
        work.confirmed,
        found.pareto.len()
    );
    for reason in found.rejected.iter().take(MOST_REASONS) {
        let _ = writeln!(text, "rejected  {:>6} ways: {}", reason.ways, reason.words);
    }
    let _ = writeln!(text, "{NOTICE}");
    text
}

/// Reasons that fit on a screen; all of them are in the files.
const MOST_REASONS: usize = 6;

/// A placement in one line.
pub(super) fn placement_line(p: &PlacementRow, protocol: &str, contact: &str) -> String {
    let place = |mm: [f64; 3]| format!("({:.1}, {:.1}, {:.1})", mm[0], mm[1], mm[2]);
    let (entry, tip) = (place(p.entry_mm), place(p.tip_mm));
    format!("{} from {entry} to {tip}, {:.0} mm deep; {protocol}; {contact} on the skin", p.probe, p.depth_mm)
}

/// The numbers by which plans are compared, in one line.
pub(super) fn merits_line(m: &Merits) -> String {
    format!(
        "{:.1} mm disabled, thinnest margin {} ({}), {:.0} s, {} puncture{}, {} at stop",
        m.disabled_mm,
        number(m.thinnest_margin_k, "K"),
        m.margins
            .iter()
            .filter(|x| x.margin_k.is_some() && x.margin_k == m.thinnest_margin_k)
            .map(|x| x.name.as_str())
            .next()
            .unwrap_or("nothing near"),
        m.time_s,
        m.punctures,
        if m.punctures == 1 { "" } else { "s" },
        m.stops
    )
}

/// The plan by the brochure in one line.
pub(super) fn vendor_line(vendor: &VendorPlan) -> String {
    match vendor {
        VendorPlan::NotMade { why } => format!("no plan by a published ellipse: {why}"),
        VendorPlan::Made { placement, protocol, celsius, width_mm, length_mm, promised_mm, merits, .. } => format!(
            "{} by its {width_mm:.0} x {length_mm:.0} mm ellipse at {celsius:.0} °C promises {promised_mm:.1} mm; \
             simulated ({protocol}): {}",
            placement.probe,
            merits_line(merits)
        ),
    }
}
