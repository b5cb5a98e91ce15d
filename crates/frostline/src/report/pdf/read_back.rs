//! The structure tree of a finished PDF, read back from its bytes: what a screen reader is given.

use std::collections::BTreeMap;

use frostline_plan::Level;
use frostline_record::report::{
    Align, Block, Cell, Column, Curve, CurveKind, Curves, Fact, Figure, Picture, Report, Row, Section, Table,
};

use super::pdf;

/// One object, as far as structure needs it.
#[derive(Clone, Debug, PartialEq)]
enum Object {
    Name(String),
    Text(String),
    Number(u32),
    Reference(u32),
    List(Vec<Object>),
    Entries(BTreeMap<String, Object>),
    Other,
}

impl Object {
    fn entry(&self, key: &str) -> Option<&Object> {
        match self {
            Object::Entries(entries) => entries.get(key),
            _ => None,
        }
    }

    fn name(&self) -> &str {
        match self {
            Object::Name(name) => name,
            other => panic!("expected a name, found {other:?}"),
        }
    }
}

fn tokens(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '(' => {
                let mut string = "(".to_owned();
                let mut depth = 1;
                while depth > 0 {
                    match letters.next() {
                        Some('\\') => string.extend(letters.next()),
                        Some(next) => {
                            depth += i32::from(next == '(') - i32::from(next == ')');
                            string.extend((depth > 0).then_some(next));
                        }
                        None => break,
                    }
                }
                found.push(string);
            }
            '<' | '>' if letters.peek() == Some(&letter) => {
                letters.next();
                found.push(format!("{letter}{letter}"));
            }
            '[' | ']' | '<' | '>' => found.push(letter.to_string()),
            letter if letter.is_whitespace() => {}
            letter => {
                let mut word = letter.to_string();
                while let Some(next) = letters.next_if(|next| !next.is_whitespace() && !"/[]<>()".contains(*next)) {
                    word.push(next);
                }
                found.push(word);
            }
        }
    }
    found
}

fn object(tokens: &[String], at: &mut usize) -> Object {
    let token = tokens[*at].as_str();
    *at += 1;
    match token {
        "<<" => {
            let mut entries = BTreeMap::new();
            while tokens[*at] != ">>" {
                let Object::Name(key) = object(tokens, at) else { panic!("no key at {:?}", &tokens[*at - 1..]) };
                entries.insert(key, object(tokens, at));
            }
            *at += 1;
            Object::Entries(entries)
        }
        "[" => {
            let mut list = Vec::new();
            while tokens[*at] != "]" {
                list.push(object(tokens, at));
            }
            *at += 1;
            Object::List(list)
        }
        "<" => {
            *at += 1 + usize::from(tokens[*at] != ">");
            Object::Other
        }
        token if token.starts_with('(') => Object::Text(token[1..].to_owned()),
        token if token.starts_with('/') => Object::Name(token[1..].to_owned()),
        token => match token.parse() {
            Ok(number) if tokens.get(*at + 1).is_some_and(|next| next == "R") => {
                *at += 2;
                Object::Reference(number)
            }
            Ok(number) => Object::Number(number),
            Err(_) => Object::Other,
        },
    }
}

/// Every object by its number; streams are left out.
fn objects(bytes: &[u8]) -> BTreeMap<u32, Object> {
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    let mut found = BTreeMap::new();
    for piece in text.split("endobj") {
        let Some((head, body)) = piece.split_once(" 0 obj") else { continue };
        let number = head.rsplit(|c: char| c.is_whitespace()).next().and_then(|number| number.parse().ok());
        let body = body.split("stream").next().unwrap_or_default();
        let tokens = tokens(body);
        if let (Some(number), false) = (number, tokens.is_empty()) {
            found.insert(number, object(&tokens, &mut 0));
        }
    }
    found
}

/// The roles of a tree, one a line, deeper parts further in; figures with their words, heading cells with their scope.
fn outline(bytes: &[u8]) -> (Vec<String>, BTreeMap<u32, Object>) {
    let all = objects(bytes);
    let of_type = |kind: &str| all.values().find(|o| o.entry("Type").is_some_and(|t| t == &Object::Name(kind.into())));
    let root = of_type("StructTreeRoot").expect("a structure tree");
    let mut lines = Vec::new();
    children(&all, root, 0, &mut lines);
    (lines, all)
}

fn children(all: &BTreeMap<u32, Object>, of: &Object, depth: usize, lines: &mut Vec<String>) {
    let list = match of.entry("K") {
        Some(Object::List(list)) => list.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    };
    for child in list {
        let Object::Reference(number) = child else { continue };
        let Some(element) = all.get(&number).filter(|element| element.entry("S").is_some()) else { continue };
        let mut line = format!("{}{}", "  ".repeat(depth), element.entry("S").unwrap().name());
        if let Some(Object::Text(words)) = element.entry("Alt") {
            line += &format!(" [{words}]");
        }
        let attributes = format!("{:?}", element.entry("A"));
        for scope in ["Column", "Row"] {
            if attributes.contains(&format!("Name(\"{scope}\")")) {
                line += &format!(" {scope}");
            }
        }
        lines.push(line);
        children(all, element, depth + 1, lines);
    }
}

fn report() -> Report {
    let column = |title: &str| Column { title: title.into(), share: 0.5, align: Align::Words };
    let cells = |one: &str, other| Row::Cells(vec![Cell::text(one), other]);
    let table = Table {
        caption: "Structures".into(),
        columns: vec![column("What"), column("How cold")],
        rows: vec![Row::Group("nerves".into()), cells("sural", Cell::text("-20 C")), cells("tibial", Cell::NotMarked)],
    };
    let curve = Curve { name: "nerve".into(), kind: CurveKind::Nerve, pieces: vec![vec![(0.0, 37.0), (60.0, -20.0)]] };
    let curves = Curves {
        across: "s".into(),
        upwards: "C".into(),
        curves: vec![curve],
        bands: Vec::new(),
        thresholds: Vec::new(),
    };
    let figure = Figure {
        title: "Temperature".into(),
        caption: "Over time.".into(),
        alt: "Temperature falls from 37 to -20 in 60 s".into(),
        picture: Picture::Curves(curves),
    };
    let blocks = vec![
        Block::Paragraph("First.".into()),
        Block::List(vec!["one".into(), "two".into()]),
        Block::Table(table),
        Block::Figures(vec![figure]),
    ];
    Report {
        title: "Freeze plan".into(),
        subject: "Case",
        case_name: "made up".into(),
        verdict: Level::Warn,
        verdict_word: "WARN",
        verdict_sentence: "a person must decide".into(),
        facts: vec![Fact {
            label: "Motor nerves".into(),
            value: "not marked".into(),
            detail: String::new(),
            level: Some(Level::Unknown),
        }],
        sections: vec![Section { id: "a", title: "All".into(), blocks }],
        program: "frostline 0".into(),
        notice: "not a cleared device",
    }
}

#[test]
fn the_pdf_of_a_report_is_read_as_headings_paragraphs_lists_tables_with_heading_cells_and_figures_with_words() {
    let (lines, _) = outline(&pdf(&report()).unwrap());
    let found = lines.join("\n");
    let expected = "\
H1
P
P
P
P
H2
P
L
  LI
    LBody
  LI
    LBody
Table
  Caption
  THead
    TR
      TH Column
      TH Column
  TBody
    TR
      TH Column
    TR
      TH Row
      TD
    TR
      TH Row
      TD
P
Figure [Temperature falls from 37 to -20 in 60 s]
P";
    let inner: Vec<&str> = found.lines().collect();
    // The writer may put one element around all.
    let found = match inner.first() {
        Some(&"Document") => inner[1..].iter().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect::<Vec<_>>(),
        _ => inner,
    };
    assert_eq!(found.join("\n"), expected);
}

#[test]
fn the_pdf_of_a_report_says_its_language_and_title_and_claims_to_be_accessible() {
    let bytes = pdf(&report()).unwrap();
    let (_, all) = outline(&bytes);
    let catalog = all.values().find(|o| o.entry("Type") == Some(&Object::Name("Catalog".into()))).unwrap();
    assert_eq!(catalog.entry("Lang"), Some(&Object::Text("en".into())));
    let marked = catalog.entry("MarkInfo").unwrap();
    assert!(marked.entry("Marked").is_some(), "{marked:?}");
    assert!(catalog.entry("Outlines").is_some());
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    assert!(text.contains("<pdfuaid:part>1</pdfuaid:part>") || text.contains("pdfuaid:part=\"1\""), "no claim");
    assert!(text.contains("made up"), "no title");
}

#[test]
fn a_heading_that_is_shown_again_on_a_second_page_of_a_pdf_is_read_once() {
    let mut long = report();
    let Block::Table(table) = &mut long.sections[0].blocks[2] else { panic!("a table") };
    let row = table.rows[1].clone();
    table.rows.extend(std::iter::repeat_n(row, 200));
    let (lines, _) = outline(&pdf(&long).unwrap());
    let of = |role: &str| lines.iter().filter(|line| line.trim() == role).count();
    assert_eq!((of("THead"), of("TH Column"), of("TD")), (1, 3, 202));
}
