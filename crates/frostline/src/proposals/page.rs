//! Proposals as one page without network: side by side, what stands against more, the trade, and the map of entries.

use std::fmt::Write as _;

use frostline_plan::NOTICE;
use frostline_plan::propose::{MappedEntry, Merits, Proposals, VendorPlan};

use super::summary::{placement_line, vendor_line};
use super::{HandMade, chance_words, fluid_words, level_word, number};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:70em;margin:2em auto;padding:0 1em;color:#222}\
 table{border-collapse:collapse;margin:1em 0}td,th{border:1px solid #bbb;padding:.3em .6em;text-align:left;vertical-align:top}\
 th{background:#eef2f5}.notice{border:2px solid #a33;padding:.5em 1em;font-weight:bold}.stop{color:#a00;font-weight:bold}\
 svg{border:1px solid #bbb;background:#fff;max-width:100%}\
 @media(max-width:60em){body{margin:1em auto}table{font-size:.8em}td,th{padding:.2em .35em}}";

/// The page.
pub fn page(title: &str, found: &Proposals, hand_made: Option<&HandMade>) -> String {
    let mut html = String::new();
    // Writing to a string cannot go wrong.
    let _ = write!(
        html,
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{0}: proposals</title><style>{STYLE}</style>\
         </head><body><h1>{0}: proposals</h1><p class=\"notice\">{1} Nobody has approved any of these plans.</p>",
        escaped(title),
        escaped(NOTICE)
    );
    goals(&mut html, found);
    side_by_side(&mut html, found, hand_made);
    let _ = write!(html, "<h2>By the brochure</h2><p>{}</p>", escaped(&vendor_line(&found.vendor)));
    pareto(&mut html, found);
    entries(&mut html, found);
    listed(&mut html, "What else must be said", &found.remarks);
    listed(&mut html, "Probes that were not looked at", &found.left_out);
    let work = &found.work;
    let _ = write!(
        html,
        "<p>{} ways in were looked at, {} are open; {} estimates, {} runs in free tissue and {} planning runs on cells of 1 mm \
         rank them; {} plans were evaluated at full accuracy. The chance of success is that the nerve is disabled as wanted and no \
         stop limit is crossed, in the same possible worlds for every plan, with its 95 % interval; frostline robust on a \
         proposal tells it more narrowly, and what matters most.</p></body></html>",
        work.ways, work.open_ways, work.estimates, work.reach_runs, work.planning_runs, work.confirmed
    );
    html
}

fn goals(html: &mut String, found: &Proposals) {
    let verdict = if found.goals_met { "met" } else { "<span class=\"stop\">not met</span>" };
    let _ = write!(
        html,
        "<p>Goal: {:.1} mm of nerve below {:.0} °C over the whole cross-section: {verdict}.</p>",
        found.goals.disabled_mm, found.goals.below_c
    );
    let texts: Vec<String> =
        found.conflicts.iter().map(|c| format!("{} against {}: {}", c.limit, c.goal, c.text)).collect();
    listed(html, "What stands against it", &texts);
}

/// A list under a heading; nothing where there is nothing to list.
fn listed(html: &mut String, heading: &str, texts: &[String]) {
    if texts.is_empty() {
        return;
    }
    let items: String = texts.iter().map(|t| format!("<li>{}</li>", escaped(t))).collect();
    let _ = write!(html, "<h2>{}</h2><ul>{items}</ul>", escaped(heading));
}

/// One column of the comparison.
struct Column<'a> {
    head: String,
    plan: String,
    chance: String,
    gas: &'static str,
    gas_setting: &'static str,
    verdict: String,
    merits: &'a Merits,
}

fn columns<'a>(found: &'a Proposals, hand_made: Option<&'a HandMade>) -> Vec<Column<'a>> {
    let proposed = found.proposals.iter().enumerate().map(|(n, p)| {
        let labels: Vec<_> = p.labels.iter().map(|l| l.words()).collect();
        let plan: Vec<_> = p.placements.iter().map(|row| placement_line(row, &p.protocol, &p.skin_contact)).collect();
        Column {
            head: format!("{}: {} (proposal_{}.toml)", n + 1, labels.join(", "), n + 1),
            plan: format!("{}{}", plan.join("; "), fluid_words(&p.fluid)),
            chance: chance_words(p.chance),
            gas: p.gas,
            gas_setting: p.gas_setting,
            verdict: level_word(p.verdict).to_owned(),
            merits: &p.merits,
        }
    });
    let hand = hand_made.map(|h| Column {
        head: "by hand".into(),
        plan: h
            .placements
            .iter()
            .map(|row| placement_line(row, &h.protocol, &h.skin_contact))
            .collect::<Vec<_>>()
            .join("; "),
        chance: chance_words(h.chance),
        gas: "not known",
        gas_setting: "not known",
        verdict: level_word(h.verdict).to_owned(),
        merits: &h.merits,
    });
    let vendor = match &found.vendor {
        VendorPlan::Made { placement, protocol, merits, .. } => Some(Column {
            head: "by the brochure".into(),
            plan: placement_line(placement, protocol, "as proposed"),
            chance: chance_words(None),
            gas: "not known",
            gas_setting: "not known",
            verdict: if merits.stops > 0 { "STOP".into() } else { "no stop".into() },
            merits,
        }),
        VendorPlan::NotMade { .. } => None,
    };
    proposed.chain(hand).chain(vendor).collect()
}

fn side_by_side(html: &mut String, found: &Proposals, hand_made: Option<&HandMade>) {
    let columns = columns(found, hand_made);
    let row = |name: &str, cell: &dyn Fn(&Column) -> String| {
        let cells: String = columns.iter().map(|c| format!("<td>{}</td>", escaped(&cell(c)))).collect();
        format!("<tr><th>{}</th>{cells}</tr>", escaped(name))
    };
    let mut rows = vec![
        row("", &|c| c.head.clone()),
        row("plan", &|c| c.plan.clone()),
        row("verdict", &|c| c.verdict.clone()),
        row("disabled nerve", &|c| format!("{:.1} mm", c.merits.disabled_mm)),
        row("missing to the goal", &|c| format!("{:.1} mm", c.merits.lack_mm)),
        row("thinnest margin to a stop", &|c| number(c.merits.thinnest_margin_k, "K")),
        row("time", &|c| format!("{:.0} s", c.merits.time_s)),
        row("punctures", &|c| c.merits.punctures.to_string()),
        row("chance of success", &|c| c.chance.clone()),
        row("gas", &|c| c.gas.to_owned()),
        row("gas setting", &|c| c.gas_setting.to_owned()),
    ];
    let structures = columns.first().map_or(0, |c| c.merits.margins.len());
    for n in 0..structures {
        let name = columns[0].merits.margins[n].name.clone();
        rows.push(row(&name, &|c| {
            c.merits.margins.get(n).map_or(String::new(), |m| match (m.not_marked, m.coldest_c) {
                (true, _) => "not marked, not known".to_owned(),
                (false, None) => "out of reach of the cold".to_owned(),
                (false, Some(celsius)) => {
                    let margin = m.margin_k.map_or("no stop limit".into(), |k| format!("{k:.1} K above its stop"));
                    let near = m.closest_mm.map_or(String::new(), |mm| format!(", {mm:.1} mm from the ice"));
                    format!("{celsius:.1} °C, {margin}{near}")
                }
            })
        }));
    }
    let _ = write!(html, "<h2>Side by side</h2><table>{}</table>", rows.join(""));
}

fn pareto(html: &mut String, found: &Proposals) {
    let row = |p: &frostline_plan::propose::ParetoPoint| {
        let from = if p.confirmed { "full accuracy" } else { "coarse cells" };
        let margin = number(p.thinnest_margin_k, "K");
        format!(
            "<tr><td>{:.1} mm</td><td>{margin}</td><td>{:.0} s</td><td>{}</td><td>{}, {}, {}</td><td>{from}</td></tr>",
            p.disabled_mm,
            p.time_s,
            p.punctures,
            escaped(&p.probe),
            escaped(&p.protocol),
            escaped(&p.skin_contact)
        )
    };
    let rows: String = found.pareto.iter().map(row).collect();
    let _ = write!(
        html,
        "<h2>What is traded for what</h2><p>No plan that was tried beats one of these in every respect.</p><table><tr>\
         <th>disabled</th><th>thinnest margin</th><th>time</th><th>punctures</th><th>plan</th><th>numbers from</th></tr>{rows}</table>"
    );
}

/// Pixels per millimetre of the map.
const SCALE: f64 = 6.0;
/// Around the outermost entries. Unit: mm.
const RIM_MM: f64 = 5.0;

/// The skin as seen from outside, along the nerve to the right: where one may enter, and why not elsewhere.
fn entries(html: &mut String, found: &Proposals) {
    let ends = |pick: fn(&MappedEntry) -> f64| {
        let along = found.entry_map.iter().map(pick);
        along.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)))
    };
    let ((left, right), (low, high)) = (ends(|e| e.flat_mm[0]), ends(|e| e.flat_mm[1]));
    if found.entry_map.is_empty() {
        return;
    }
    let (width, height) = ((right - left + 2.0 * RIM_MM) * SCALE, (high - low + 2.0 * RIM_MM) * SCALE);
    let x = |mm: f64| (mm - left + RIM_MM) * SCALE;
    let y = |mm: f64| (mm - low + RIM_MM) * SCALE;
    let _ = write!(
        html,
        "<h2>Where one may enter</h2><p>The skin from outside; the nerve runs along the line, lengths along it in mm. Filled: at \
         least one way is open. Rings: none is; the reason shows where the pointer rests and in proposals.json.</p>\
         <svg viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" role=\"img\" aria-label=\"map of entries\">\
         <line x1=\"0\" x2=\"{width:.0}\" y1=\"{0:.1}\" y2=\"{0:.1}\" stroke=\"#c90\" stroke-width=\"3\"/>",
        y(0.0)
    );
    for entry in &found.entry_map {
        let reasons: Vec<_> = entry.against.iter().map(|r| format!("{} ({})", r.words, r.ways)).collect();
        let style = if entry.open_ways > 0 { "fill=\"#2a7\"" } else { "fill=\"none\" stroke=\"#a33\"" };
        let _ = write!(
            html,
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"5\" {style}><title>{:.0} mm along, {:.0} mm across: {} open ways; {}</title>\
             </circle>",
            x(entry.flat_mm[0]),
            y(entry.flat_mm[1]),
            entry.flat_mm[0],
            entry.flat_mm[1],
            entry.open_ways,
            escaped(&reasons.join(", "))
        );
    }
    html.push_str("</svg>");
    let rows: String =
        found.rejected.iter().map(|r| format!("<tr><td>{}</td><td>{}</td></tr>", r.ways, escaped(r.words))).collect();
    let _ = write!(html, "<table><tr><th>ways</th><th>rejected because</th></tr>{rows}</table>");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
