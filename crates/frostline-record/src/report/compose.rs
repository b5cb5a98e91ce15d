//! From a plan and its evaluation to the report.

use frostline_plan::anatomy::Anatomy;
use frostline_plan::catalogue::Catalogues;
use frostline_plan::{Evaluation, Plan};

use super::background::Background;
use super::curves::curve_figures;
use super::headline::{facts, verdict_sentence};
use super::numbers::numbers_section;
use super::sections::{assumptions_section, findings_section, plan_section, solver_section, structures_section};
use super::slices::slice_figures;
use super::structures::Scenery;
use super::vendor::vendor_section;
use super::view::view_figures;
use super::{Block, Report, Section, level_word};

/// Everything a report is made from.
#[derive(Clone, Copy, Debug)]
pub struct ReportInputs<'a> {
    /// What the case is called.
    pub case_name: &'a str,
    /// Program and version.
    pub program: &'a str,
    /// What lies where.
    pub anatomy: &'a Anatomy,
    /// What is planned.
    pub plan: &'a Plan,
    /// Where every number comes from.
    pub catalogues: &'a Catalogues,
    /// What the plan does.
    pub evaluation: &'a Evaluation,
    /// The image it was planned on.
    pub background: Background<'a>,
    /// What else a reader should know was assumed, such as who drew the nerve.
    pub remarks: &'a [String],
}

/// The report. Same inputs, same report.
pub fn report(inputs: &ReportInputs) -> Report {
    let assessment = &inputs.evaluation.assessment;
    let verdict = assessment.verdict();
    let scenery = Scenery::new(inputs);
    let slices = slice_figures(&scenery);
    let figures = |id, title: &str, figures| Section { id, title: title.into(), blocks: vec![Block::Figures(figures)] };
    Report {
        title: format!("Freeze plan: {}, {} leg", nerve_name(inputs), assessment.nerve.side),
        subject: "Case",
        case_name: inputs.case_name.to_owned(),
        verdict,
        verdict_word: level_word(verdict),
        verdict_sentence: verdict_sentence(verdict, &assessment.findings),
        facts: facts(inputs),
        sections: vec![
            figures("slices", "The ice in the limb", slices),
            figures("space", "The ice in space", view_figures(&scenery)),
            figures("time", "Over time and along the nerve", curve_figures(&scenery)),
            findings_section(inputs),
            structures_section(inputs),
            plan_section(inputs),
            vendor_section(&scenery),
            numbers_section(inputs),
            solver_section(inputs),
            assumptions_section(inputs),
        ],
        program: inputs.program.to_owned(),
        notice: assessment.notice,
    }
}

/// "Saphenous" from "Saphenous nerve", so that the title does not say nerve twice.
fn nerve_name<'a>(inputs: &'a ReportInputs) -> &'a str {
    let name = inputs.evaluation.assessment.nerve.name.as_str();
    name.strip_suffix(" nerve").unwrap_or(name)
}
