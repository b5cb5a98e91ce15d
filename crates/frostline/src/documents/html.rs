//! A document as one HTML file: no network, for a telephone, a tablet, a screen reader and a printer.

use std::fmt::Write as _;

use frostline_record::documents::{BLANK, Block, Document, Language, Section, Signature, Table};

use super::print::{Paper, Print, Size};
use crate::report::{escaped, style_text};

/// The whole document in one file.
pub fn html(document: &Document, print: Print) -> String {
    let mut out = String::with_capacity(1 << 15);
    // Writing to a string cannot go wrong, hence the results that are not looked at in this file.
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{}</title>\
         <style>{STYLE}{}</style></head><body class=\"{}\">",
        document.language.tag(),
        escaped(&document.title),
        page_style(document, print),
        if print.size == Size::Large { "large" } else { "usual" }
    );
    head(&mut out, document);
    out.push_str("<main>");
    document.sections.iter().for_each(|section| write_section(&mut out, section, document.language));
    out.push_str("</main>");
    foot(&mut out, document);
    out.push_str("</body></html>\n");
    out
}

/// Sheet, letters and what stands on the rims of every printed page.
fn page_style(document: &Document, print: Print) -> String {
    let sheet = match print.paper {
        Paper::Letter => "letter",
        Paper::A4 => "A4",
    };
    let notice = style_text(&document.notice);
    let top = if document.predicts { format!("@top-center{{content:\"{notice}\"}}") } else { String::new() };
    format!(
        "@page{{size:{sheet};{top}@bottom-left{{content:\"{notice}\"}}\
         @bottom-right{{content:counter(page) \" / \" counter(pages)}}}}@media print{{html{{font-size:{}pt}}}}",
        print.letters_pt(document.audience())
    )
}

fn head(out: &mut String, document: &Document) {
    out.push_str("<header>");
    if document.predicts {
        let _ = write!(out, "<p class=\"device\" role=\"note\">{}</p>", escaped(&document.notice));
    }
    if !document.from.is_empty() {
        let _ = write!(out, "<p class=\"from\">{}</p>", escaped(&document.from));
    }
    let _ = write!(
        out,
        "<h1>{}</h1><p class=\"sub\">{}</p>",
        words(&document.title, document.language),
        words(&document.subtitle, document.language)
    );
    if !document.facts.is_empty() {
        out.push_str("<dl>");
        for fact in &document.facts {
            let value = words(&fact.value, document.language);
            let _ = write!(out, "<div><dt>{}</dt><dd>{value}</dd></div>", escaped(&fact.label));
        }
        out.push_str("</dl>");
    }
    out.push_str("</header>");
}

fn foot(out: &mut String, document: &Document) {
    out.push_str("<footer>");
    if !document.sources.is_empty() {
        let _ = write!(out, "<h2 id=\"sources\">{}</h2>", escaped(&document.sources_heading));
        list(out, "ul", "sources", &document.sources, document.language);
    }
    for line in &document.made {
        let _ = write!(out, "<p>{}</p>", escaped(line));
    }
    let _ = write!(out, "<p class=\"device\" role=\"note\">{}</p></footer>", escaped(&document.notice));
}

fn write_section(out: &mut String, section: &Section, language: Language) {
    let id = escaped(&section.id);
    let heading = words(&section.heading, language);
    let _ = write!(out, "<section aria-labelledby=\"{id}\"><h2 id=\"{id}\">{heading}</h2>");
    section.blocks.iter().for_each(|block| write_block(out, block, language));
    out.push_str("</section>");
}

fn write_block(out: &mut String, block: &Block, language: Language) {
    let _ = match block {
        Block::Paragraph(text) => write!(out, "<p>{}</p>", words(text, language)),
        Block::Notice(text) => write!(out, "<p class=\"notice\" role=\"note\">{}</p>", words(text, language)),
        Block::Heading(text) => write!(out, "<h3>{}</h3>", words(text, language)),
        Block::List(items) => return list(out, "ul", "", items, language),
        Block::Steps(items) => return list(out, "ol", "", items, language),
        Block::Checklist(items) => return list(out, "ul", "check", items, language),
        Block::Lines(labels) => return lines(out, labels),
        Block::Table(table) => return write_table(out, table, language),
        Block::Signatures(places) => return places.iter().for_each(|place| signature(out, place, language)),
    };
}

fn list(out: &mut String, tag: &str, class: &str, items: &[String], language: Language) {
    let _ = if class.is_empty() { write!(out, "<{tag}>") } else { write!(out, "<{tag} class=\"{class}\">") };
    for item in items {
        let _ = write!(out, "<li>{}</li>", words(item, language));
    }
    let _ = write!(out, "</{tag}>");
}

fn lines(out: &mut String, labels: &[String]) {
    out.push_str("<div class=\"lines\">");
    for label in labels {
        let _ = write!(out, "<p><span>{}</span></p>", escaped(label));
    }
    out.push_str("</div>");
}

/// On a telephone each row becomes a card whose cells carry their heading.
fn write_table(out: &mut String, table: &Table, language: Language) {
    let _ = write!(out, "<table><caption>{}</caption><thead><tr>", escaped(&table.caption));
    for title in &table.columns {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escaped(title));
    }
    out.push_str("</tr></thead><tbody>");
    for row in &table.rows {
        out.push_str("<tr>");
        for (n, (cell, title)) in row.iter().zip(&table.columns).enumerate() {
            let cell = words(cell, language);
            let _ = match n {
                0 => write!(out, "<th scope=\"row\">{cell}</th>"),
                _ => write!(out, "<td data-of=\"{}\">{cell}</td>", escaped(title)),
            };
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table>");
}

fn signature(out: &mut String, place: &Signature, language: Language) {
    let [name, here, when] = &place.labels;
    let _ = write!(out, "<div class=\"sign\"><h3>{}</h3>", escaped(&place.role));
    // Where it is signed already, the time stands in place of the line.
    let signed = if place.signed.is_empty() { String::new() } else { "✓".to_owned() };
    for (label, value) in [(name, &place.name), (here, &signed), (when, &place.signed)] {
        let value = if value == BLANK { String::new() } else { words(value, language) };
        let _ = write!(out, "<p><span>{}</span><b>{value}</b></p>", escaped(label));
    }
    out.push_str("</div>");
}

/// Text with its blanks as lines to write on, which a screen reader names.
fn words(text: &str, language: Language) -> String {
    let name = match language {
        Language::English => "to fill in",
        Language::Spanish => "para llenar",
    };
    let line = format!("<span class=\"blank\" role=\"img\" aria-label=\"{name}\"></span>");
    escaped(text).replace(BLANK, &line)
}

/// Ink on white has 15:1, soft ink 7:1, the borders of what is to be filled in 3:1 and more.
const STYLE: &str = "\
:root{--ink:#1b2430;--soft:#4d5765;--rule:#76808d;--ground:#f3f6f9;--alarm:#8f1018}
*{box-sizing:border-box}
html{font:100%/1.5 system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;color:var(--ink);background:#fff}
body{max-width:46rem;margin:0 auto;padding:1rem;overflow-wrap:break-word}
body.large{font-size:1.35rem}
h1{font-size:1.75em;line-height:1.2;margin:.3em 0}
h2{font-size:1.25em;line-height:1.25;margin:1.5em 0 .4em;border-bottom:2px solid var(--ink);padding-bottom:.15em}
h3{font-size:1em;margin:1em 0 .3em}
p,ul,ol{margin:.5em 0}li{margin:.3em 0}ul,ol{padding-left:1.4em}
.from{color:var(--soft);font-weight:700;margin:0}.sub{color:var(--soft);margin:.2em 0 1em}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:.4rem;margin:1em 0}
dl div{background:var(--ground);border-left:4px solid var(--rule);padding:.35em .7em}
dt{color:var(--soft);font-size:.875em}dd{margin:0;font-weight:700}
.notice{border:2px solid var(--alarm);border-left-width:10px;padding:.5em .8em;font-weight:700}
.device{background:#fff4d6;border:1px solid #8a6700;padding:.4em .7em;font-size:.875em}
table{border-collapse:collapse;width:100%;margin:.8em 0}caption{text-align:left;font-weight:700;padding:.3em 0}
th,td{border:1px solid var(--rule);padding:.35em .55em;text-align:left;vertical-align:top}
thead th{background:#e6ebf1}tbody th{font-weight:700}
.check{list-style:none;padding-left:0}.check li{padding-left:1.9em;position:relative}
.check li::before{content:'';position:absolute;left:0;top:.22em;width:1.05em;height:1.05em;border:2px solid var(--ink)}
.blank{display:inline-block;min-width:9em;border-bottom:1.5px solid var(--ink)}
.lines p{border-bottom:1.5px solid var(--ink);padding-top:2.2em;margin:0}.lines span{color:var(--soft);font-size:.8em}
.sign{break-inside:avoid}.sign p{display:flex;gap:.8em;border-bottom:1.5px solid var(--ink);margin:0;padding-top:1.3em}
.sign span{color:var(--soft);font-size:.8em;min-width:8em}
footer{margin-top:2.5em;border-top:1px solid var(--rule);color:var(--soft);font-size:.875em}
footer h2{font-size:1em;border:0;margin:1em 0 .2em}
@media (max-width:34rem){thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table,tbody,tr,tbody th,td,caption{display:block}tr{border:1px solid var(--rule);margin:0 0 .8em}
th,td{border:0}tbody th{background:#e6ebf1}td::before{content:attr(data-of) ': ';color:var(--soft);font-weight:700}}
@page{margin:17mm 16mm 18mm;font:7.5pt sans-serif;color:#4d5765}
@media print{body,body.large{max-width:none;padding:0;font-size:1em}h2{margin-top:1.1em}
tr,li,.notice,.sign,dl div{break-inside:avoid}h1,h2,h3,caption{break-after:avoid}thead{display:table-header-group}
.notice,.device,thead th,dl div{print-color-adjust:exact;-webkit-print-color-adjust:exact}footer .device{display:none}
p{orphans:3;widows:3}}
";

#[cfg(test)]
mod tests {
    use super::*;
    use frostline_record::documents::{DocumentBook, Kind};

    use crate::documents::{DocumentInputs, SAMPLE};

    fn sample(kind: Kind, language: Language) -> Document {
        let inputs: DocumentInputs = serde_json::from_str(SAMPLE).unwrap();
        inputs.written(&DocumentBook::bundled().unwrap(), kind, language).unwrap()
    }

    #[test]
    fn what_a_patient_wrote_cannot_become_markup() {
        let mut inputs: DocumentInputs = serde_json::from_str(SAMPLE).unwrap();
        inputs.visit.treatment.goal = Some("<script>alert(1)</script> \"dance\"".to_owned());
        let book = DocumentBook::bundled().unwrap();
        let page = html(&inputs.written(&book, Kind::Consent, Language::English).unwrap(), Print::default());
        assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
    }

    #[test]
    fn the_page_says_its_language_and_every_heading_cell_says_its_scope() {
        let page = html(&sample(Kind::Consent, Language::Spanish), Print::default());
        assert!(page.contains("<html lang=\"es\">"));
        assert!(page.matches("<th").count() > 10);
        assert_eq!(page.matches("<th").count() - page.matches("<thead").count(), page.matches("<th scope=").count());
        assert_eq!(page.matches("<h1").count(), 1);
    }

    #[test]
    fn nothing_is_fetched_from_elsewhere_and_nothing_runs() {
        for kind in Kind::ALL {
            let page = html(&sample(kind, Language::English), Print::default());
            for outside in ["http://", "https://", "url(", "@import", "<link", "<script", "<img"] {
                assert!(!page.contains(outside), "{}: {outside}", kind.word());
            }
        }
    }

    #[test]
    fn the_notice_is_in_the_foot_of_every_document_and_at_the_head_where_numbers_are_predicted() {
        for kind in Kind::ALL {
            let page = html(&sample(kind, Language::English), Print::default());
            let notices = page.matches("class=\"device\"").count();
            assert_eq!(notices, if kind == Kind::PlanReport { 2 } else { 1 }, "{}", kind.word());
            assert!(page.contains("a research and planning aid, not a cleared medical device"));
        }
    }

    #[test]
    fn a_blank_is_a_line_with_a_name_and_not_a_row_of_signs() {
        let mut inputs: DocumentInputs = serde_json::from_str(SAMPLE).unwrap();
        inputs.visit.practice.phone = None;
        let book = DocumentBook::bundled().unwrap();
        let page = html(&inputs.written(&book, Kind::Leaflet, Language::English).unwrap(), Print::default());
        assert!(page.contains("aria-label=\"to fill in\"") && !page.contains(BLANK));
    }
}
