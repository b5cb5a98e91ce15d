//! A report as one HTML file: no network, readable on a tablet, printable on A4.

use std::fmt::Write as _;

use frostline_plan::Level;
use frostline_plan::catalogue::Status;
use frostline_record::report::{
    Align, Block, Cell, Fact, Figure, Picture, Report, Row, Section, Table, level_word, status_words,
};

use super::drawing_of;
use super::svg::svg;

/// The whole report in one file.
pub fn html(report: &Report) -> String {
    let mut out = String::with_capacity(1 << 20);
    let title = escaped(&format!("{} · {}", report.title, report.case_name));
    // Writing to a string cannot go wrong, hence the results that are not looked at in this file.
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <style>{STYLE}{}</style></head><body>",
        page_margins(report)
    );
    head(&mut out, report);
    for (n, section) in report.sections.iter().enumerate() {
        write_section(&mut out, report, section, n + 1);
    }
    out.push_str("</body></html>\n");
    out
}

/// Text that can stand in HTML and in its attributes.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // Turns the direction of what follows, so that a page shows another text than was written.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            other => safe.push(other),
        }
    }
    safe
}

/// What stands on the rims of every printed page.
fn page_margins(report: &Report) -> String {
    format!(
        "@page{{@top-center{{content:\"{}\"}}@bottom-left{{content:\"{}\"}}\
         @bottom-right{{content:counter(page) \" / \" counter(pages)}}}}",
        style_text(report.notice),
        style_text(&format!("{} · {}", report.case_name, report.program))
    )
}

/// Text that can stand between quotes in a style sheet inside HTML.
pub fn style_text(text: &str) -> String {
    let mut safe = String::new();
    for letter in text.chars() {
        if letter.is_alphanumeric() || " .,;:()-_·/".contains(letter) {
            safe.push(letter);
        } else {
            let _ = write!(safe, "\\{:x} ", u32::from(letter));
        }
    }
    safe
}

fn head(out: &mut String, report: &Report) {
    let notice = escaped(report.notice);
    let _ = write!(
        out,
        "<header class=\"page\"><p class=\"notice\" role=\"note\">{notice}</p><h1>{}</h1><p class=\"sub\">{}: {} · {}</p>",
        escaped(&report.title),
        report.subject,
        escaped(&report.case_name),
        escaped(&report.program)
    );
    let _ = write!(
        out,
        "<div class=\"verdict {}\"><span class=\"big\">{} {}</span><p>{}</p></div>",
        level_class(report.verdict),
        level_sign(report.verdict),
        report.verdict_word,
        escaped(&report.verdict_sentence)
    );
    out.push_str("<dl class=\"facts\">");
    report.facts.iter().for_each(|fact| write_fact(out, fact));
    out.push_str("</dl><nav aria-label=\"Sections\"><ol>");
    for section in &report.sections {
        let _ = write!(out, "<li><a href=\"#{}\">{}</a></li>", section.id, escaped(&section.title));
    }
    let _ = write!(out, "</ol></nav><p class=\"foot\">{notice}</p></header>");
}

fn write_fact(out: &mut String, fact: &Fact) {
    let badge = fact.level.map_or(String::new(), |level| format!(" {}", badge(level)));
    let _ = write!(
        out,
        "<div><dt>{}</dt><dd><b>{}</b>{badge}<span>{}</span></dd></div>",
        escaped(&fact.label),
        escaped(&fact.value),
        escaped(&fact.detail)
    );
}

fn write_section(out: &mut String, report: &Report, section: &Section, number: usize) {
    let notice = escaped(report.notice);
    let _ = write!(
        out,
        "<section id=\"{}\"><p class=\"notice\">{notice}</p><h2>{number}. {}</h2>",
        section.id,
        escaped(&section.title)
    );
    for block in &section.blocks {
        match block {
            Block::Paragraph(text) => {
                let _ = write!(out, "<p>{}</p>", escaped(text));
            }
            Block::List(items) => {
                out.push_str("<ul>");
                items.iter().for_each(|item| {
                    let _ = write!(out, "<li>{}</li>", escaped(item));
                });
                out.push_str("</ul>");
            }
            Block::Table(table) => write_table(out, table),
            Block::Figures(figures) => {
                out.push_str("<div class=\"figures\">");
                figures.iter().for_each(|figure| write_figure(out, figure));
                out.push_str("</div>");
            }
        }
    }
    let _ = write!(out, "<p class=\"foot\">{} · {notice}</p></section>", escaped(&report.case_name));
}

fn write_figure(out: &mut String, figure: &Figure) {
    let class = if matches!(figure.picture, Picture::Curves(_)) { "wide" } else { "square" };
    let _ = write!(
        out,
        "<figure class=\"{class}\"><h3>{}</h3>{}<figcaption>{}</figcaption></figure>",
        escaped(&figure.title),
        svg(&drawing_of(&figure.picture), &figure.alt),
        escaped(&figure.caption)
    );
}

fn write_table(out: &mut String, table: &Table) {
    let _ = write!(out, "<div class=\"scroll\"><table><caption>{}</caption><colgroup>", escaped(&table.caption));
    for column in &table.columns {
        let _ = write!(out, "<col style=\"width:{:.0}%\">", 100.0 * column.share);
    }
    out.push_str("</colgroup><thead><tr>");
    for column in &table.columns {
        let _ = write!(out, "<th scope=\"col\"{}>{}</th>", class_of(column.align), escaped(&column.title));
    }
    out.push_str("</tr></thead><tbody>");
    for row in &table.rows {
        match row {
            Row::Group(words) => {
                let _ = write!(
                    out,
                    "<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"{}\">{}</th></tr>",
                    table.columns.len(),
                    escaped(words)
                );
            }
            Row::Cells(cells) => {
                out.push_str("<tr>");
                for (cell, column) in cells.iter().zip(&table.columns) {
                    write_cell(out, cell, column.align);
                }
                out.push_str("</tr>");
            }
        }
    }
    out.push_str("</tbody></table></div>");
}

fn class_of(align: Align) -> &'static str {
    if align == Align::Numbers { " class=\"n\"" } else { "" }
}

fn write_cell(out: &mut String, cell: &Cell, align: Align) {
    let _ = match cell {
        Cell::Text(text) => write!(out, "<td{}>{}</td>", class_of(align), escaped(text)),
        Cell::Level(level) => write!(out, "<td>{}</td>", badge(*level)),
        Cell::Judged(level, word) => write!(out, "<td>{}</td>", badge_saying(*level, word)),
        Cell::NotMarked => write!(out, "<td{}><b class=\"missing\">not marked</b></td>", class_of(align)),
        Cell::Status(Status::RecalledUnverified) => {
            write!(out, "<td><b class=\"missing\">{}</b></td>", status_words(Status::RecalledUnverified))
        }
        Cell::Status(status) => write!(out, "<td>{}</td>", status_words(*status)),
    };
}

fn badge(level: Level) -> String {
    badge_saying(level, level_word(level))
}

fn badge_saying(level: Level, word: &str) -> String {
    format!("<span class=\"badge {}\">{} {word}</span>", level_class(level), level_sign(level))
}

fn level_class(level: Level) -> &'static str {
    match level {
        Level::Ok => "ok",
        Level::Unknown => "unknown",
        Level::Warn => "warn",
        Level::Stop => "stop",
    }
}

/// A sign beside the word, so that neither colour nor reading alone carries it.
fn level_sign(level: Level) -> &'static str {
    match level {
        Level::Ok => "✓",
        Level::Unknown => "?",
        Level::Warn => "!",
        Level::Stop => "✕",
    }
}

/// White letters on these grounds have a contrast of at least 5:1.
const STYLE: &str = "\
:root{--ink:#1b2430;--soft:#4d5765;--rule:#cdd4dc;--ground:#f3f6f9;--ok:#1b6e3c;--warn:#8a4b00;--stop:#a11620;--unknown:#4a4f8c}
*{box-sizing:border-box}
html{font:16px/1.45 system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;color:var(--ink);background:#fff}
body{max-width:1120px;margin:0 auto;padding:16px}
h1{font-size:1.7rem;margin:.4em 0 .1em}h2{font-size:1.3rem;margin:.5em 0;border-bottom:2px solid var(--ink);padding-bottom:.15em}
h3{font-size:1rem;margin:0 0 .4em}
.sub{color:var(--soft);margin:0 0 .8em}
.notice{background:#fff4d6;border:1px solid #b98900;border-radius:4px;padding:.3em .7em;margin:0 0 .6em;font-size:.85rem}
.foot{color:var(--soft);font-size:.8rem;border-top:1px solid var(--rule);margin:1em 0 0;padding-top:.3em}
.verdict{color:#fff;border-radius:6px;padding:.7em 1em;display:flex;gap:1.2em;align-items:center;margin:.6em 0}
.verdict p{margin:0;font-size:1.05rem}.verdict .big{font-size:1.9rem;font-weight:800;white-space:nowrap}
.ok{background:var(--ok)}.warn{background:var(--warn)}.stop{background:var(--stop)}.unknown{background:var(--unknown)}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:8px;margin:.8em 0}
.facts>div{border:1px solid var(--rule);border-radius:5px;padding:.4em .7em;background:var(--ground)}
dt{color:var(--soft);font-size:.86rem}dd{margin:0}dd b{font-size:1.15rem}dd span:not(.badge){display:block;font-size:.86rem;color:var(--soft)}
.badge{color:#fff;border-radius:4px;padding:.05em .5em;font-size:.8rem;font-weight:700;white-space:nowrap;display:inline-block}
nav ol{columns:2;column-gap:2.4em;font-size:.92rem;margin:.5em 0;padding-left:1.6em}nav a{color:#0b4f8a}
section{margin-top:2.2em}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,380px),1fr));gap:20px}
figure{margin:0;border:1px solid var(--rule);border-radius:6px;padding:10px;background:#fff}
figure svg{display:block;width:100%;height:auto;font-family:system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}
figcaption{color:var(--soft);font-size:.86rem;margin-top:.5em}
.scroll{overflow-x:auto;margin:.6em 0 1em}
table{border-collapse:collapse;width:100%;font-size:.88rem}
caption{text-align:left;font-weight:700;padding:.3em 0}
th,td{border:1px solid var(--rule);padding:.28em .5em;text-align:left;vertical-align:top;overflow-wrap:break-word}
thead th{background:#e6ebf1}tr.group th{background:var(--ground);font-weight:700}
.n{text-align:right;font-variant-numeric:tabular-nums}
.missing{color:#8f1018}
li{margin:.15em 0}
@media (max-width:600px){.verdict{display:block}nav ol{columns:1}}
@page{size:A4;margin:17mm 13mm 15mm;font:8pt sans-serif;color:#4d5765}
@media print{html{font-size:10pt}body{max-width:none;padding:0}section{break-before:page;margin-top:0}
.notice,.badge,.verdict,thead th,tr.group th,.facts>div{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.figures{grid-template-columns:1fr 1fr;gap:10px}figure.wide{grid-column:1/-1;max-width:128mm}\
figure.square svg{max-width:76mm;margin:0 auto}tr.group{break-after:avoid}
figure,tr,.facts>div,.verdict{break-inside:avoid}h2,h3{break-after:avoid}thead{display:table-header-group}
nav{display:none}.facts{grid-template-columns:1fr 1fr 1fr}.scroll{overflow:visible}table{font-size:8.4pt}#time,#plan,#vendor,#structures,#assumptions,\
#risk,#fitted,#others,#adequacy,#again,#e2,#e3,#e4,#e5{break-before:auto;margin-top:1.4em}}
";

#[cfg(test)]
mod tests {
    use super::*;
    use frostline_record::report::Column;

    fn report_with(sections: Vec<Section>) -> Report {
        Report {
            title: "Freeze plan: <sural>".into(),
            subject: "Case",
            case_name: "A & \"B\"".into(),
            verdict: Level::Warn,
            verdict_word: "WARN",
            verdict_sentence: "a person must decide".into(),
            facts: vec![Fact {
                label: "Motor nerves".into(),
                value: "not marked".into(),
                detail: "".into(),
                level: Some(Level::Unknown),
            }],
            sections,
            program: "frostline 0".into(),
            notice: "not a cleared device",
        }
    }

    fn table_of(cells: Vec<Cell>) -> Block {
        let column = |n: usize| Column { title: format!("c{n}"), share: 0.5, align: Align::Words };
        let columns = (0..cells.len()).map(column).collect();
        Block::Table(Table { caption: "t".into(), columns, rows: vec![Row::Group("g".into()), Row::Cells(cells)] })
    }

    fn section(id: &'static str, blocks: Vec<Block>) -> Section {
        Section { id, title: format!("Section {id}"), blocks }
    }

    #[test]
    fn what_a_user_wrote_cannot_become_markup() {
        let page = html(&report_with(vec![section("a", vec![Block::Paragraph("<script>x</script>".into())])]));
        assert!(!page.contains("<script>") && !page.contains("<sural>"));
        assert!(page.contains("&lt;script&gt;") && page.contains("A &amp; &quot;B&quot;"));
    }

    #[test]
    fn what_a_user_wrote_cannot_turn_the_direction_of_the_page() {
        assert_eq!(escaped("5 \u{202e}gm 05\u{202c} <b>\u{2066}"), "5 gm 05 &lt;b&gt;");
    }

    #[test]
    fn what_a_user_wrote_cannot_leave_the_style_sheet() {
        let mut report = report_with(Vec::new());
        report.case_name = "\"}</style><b>".into();
        assert_eq!(html(&report).matches("</style>").count(), 1);
        assert_eq!(style_text("a\"b"), "a\\22 b");
    }

    #[test]
    fn the_notice_stands_at_the_head_and_foot_of_every_section() {
        let page = html(&report_with(vec![section("a", Vec::new()), section("b", Vec::new())]));
        // Head and foot of the first page and of two sections, and the rim of printed pages.
        assert_eq!(page.matches("not a cleared device").count(), 7);
    }

    #[test]
    fn not_marked_and_recalled_are_words_and_not_only_colours() {
        let cells = vec![Cell::NotMarked, Cell::Status(Status::RecalledUnverified), Cell::Level(Level::Stop)];
        let page = html(&report_with(vec![section("a", vec![table_of(cells)])]));
        assert!(page.contains("not marked") && page.contains("check before use") && page.contains("STOP"));
    }

    #[test]
    fn nothing_is_fetched_from_elsewhere() {
        let page = html(&report_with(vec![section("a", vec![table_of(vec![Cell::text("x")])])]));
        for outside in ["src=\"http", "href=\"http", "url(", "@import", "<link", "<script"] {
            assert!(!page.contains(outside), "{outside}");
        }
    }
}
