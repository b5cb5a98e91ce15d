//! Tables: columns as wide as their words ask for, headings again on every page, rows that stay whole.

use frostline_record::documents::Table;

use super::sheet::{Face, Mark, Sheet};
use crate::report::{Colour, GROUND, INK, RULE};
use crate::tagged::{Leaf, Node, Role};

/// Ground of headings.
const HEAD: Colour = Colour(230, 235, 241);
/// Room between words and the rim of a cell.
const PAD: f64 = 5.0;

/// Draws a table and gives its part of the tree.
pub fn table(sheet: &mut Sheet, table: &Table) -> Node {
    let heading = Face { size: sheet.size * 0.92, bold: true, colour: INK };
    let mut node = Node::new(Role::Table);
    let caption = Face { size: sheet.size, bold: true, colour: INK };
    let widths = widths(sheet, table, heading.size);
    let first = table.rows.first().map_or(0.0, |row| row_height(sheet, row, &widths, heading.size));
    let head = row_height(sheet, &table.columns, &widths, heading.size);
    let above = sheet.text_height(&table.caption, caption, sheet.inner()) + 4.0;
    sheet.make_room(above + head + first);
    let leaf = sheet.leaf();
    sheet.flow(sheet.left(), sheet.inner(), &table.caption, caption, leaf);
    sheet.y += 3.0;
    node.push(Node::of(Role::Caption, leaf));
    let mut headings = Node::new(Role::Head);
    headings.push(row(sheet, &table.columns, &widths, Kind::Headings));
    node.push(headings);
    let mut rows = Node::new(Role::Rows);
    for cells in &table.rows {
        if sheet.make_room(row_height(sheet, cells, &widths, heading.size)) {
            // Shown again for the eye only; a reader of the tree has heard them.
            row(sheet, &table.columns, &widths, Kind::HeadingsAgain);
        }
        rows.push(row(sheet, cells, &widths, Kind::Cells));
    }
    node.push(rows);
    sheet.y += sheet.size * 0.8;
    node
}

/// Labels on the left and values on the right, without headings above.
pub fn facts(sheet: &mut Sheet, facts: &[(String, String)]) -> Node {
    let label = Face { size: sheet.size * 0.92, bold: false, colour: INK };
    // As wide as bold letters, for which `row_height` makes room.
    let widest = facts.iter().map(|(words, _)| sheet.letters.width(words, label.size, true)).fold(0.0, f64::max);
    let left = (widest + 2.0 * PAD + 1.0).min(0.45 * sheet.inner());
    let widths = [left, sheet.inner() - left];
    let mut node = Node::new(Role::Table);
    for (words, value) in facts {
        let cells = [words.clone(), value.clone()];
        sheet.make_room(row_height(sheet, &cells, &widths, label.size));
        node.push(row(sheet, &cells, &widths, Kind::Fact));
    }
    sheet.y += sheet.size * 0.6;
    node
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Headings,
    HeadingsAgain,
    Cells,
    Fact,
}

fn row(sheet: &mut Sheet, cells: &[String], widths: &[f64], kind: Kind) -> Node {
    let size = sheet.size * 0.92;
    let height = row_height(sheet, cells, widths, size);
    let (mut x, y) = (sheet.left(), sheet.y);
    let mut node = Node::new(Role::Row);
    for (n, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let is_heading = kind != Kind::Cells && kind != Kind::Fact;
        match (is_heading, kind, n) {
            (true, _, _) => sheet.put(Mark::Area { corner: (x, y), size: (*width, height), colour: HEAD }, None),
            (_, Kind::Fact, _) => {
                sheet.put(Mark::Area { corner: (x, y), size: (*width, height), colour: GROUND }, None)
            }
            _ => {}
        }
        frame(sheet, (x, y), (*width, height));
        let bold = if kind == Kind::Fact { n == 1 } else { is_heading || n == 0 };
        let face = Face { size, bold, colour: INK };
        let leaf: Option<Leaf> = (kind != Kind::HeadingsAgain).then(|| sheet.leaf());
        sheet.block((x + PAD, y + 0.5 * PAD), width - 2.0 * PAD, cell, face, leaf);
        let role = match (kind, n) {
            (Kind::Headings | Kind::HeadingsAgain, _) => Role::ColumnHeading,
            (_, 0) => Role::RowHeading,
            _ => Role::Cell,
        };
        if let Some(leaf) = leaf {
            node.push(Node::of(role, leaf));
        }
        x += width;
    }
    sheet.y += height;
    node
}

fn frame(sheet: &mut Sheet, (x, y): (f64, f64), (width, height): (f64, f64)) {
    let corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)];
    for n in 0..4 {
        let (from, to) = (corners[n], corners[(n + 1) % 4]);
        sheet.put(Mark::Rule { from, to, colour: RULE, width: 0.6 }, None);
    }
}

fn row_height(sheet: &Sheet, cells: &[String], widths: &[f64], size: f64) -> f64 {
    let height = |(cell, width): (&String, &f64)| {
        // Measured heavy, which is never narrower than what is drawn.
        sheet.text_height(cell, Face { size, bold: true, colour: INK }, width - 2.0 * PAD)
    };
    cells.iter().zip(widths).map(height).fold(size, f64::max) + 1.4 * PAD
}

/// Every column gets its longest word; the rest is shared by how much more each would need for one line.
fn widths(sheet: &Sheet, table: &Table, size: f64) -> Vec<f64> {
    let width = |words: &str| sheet.letters.width(words, size, true) + 2.0 * PAD + 1.0;
    let column = |n: usize| {
        let cells = table.rows.iter().filter_map(move |row| row.get(n)).chain(table.columns.get(n));
        let longest_word = cells.clone().flat_map(|cell| cell.split_whitespace()).map(width).fold(20.0, f64::max);
        let whole = cells.map(|cell| width(cell)).fold(longest_word, f64::max);
        (longest_word, whole)
    };
    let wanted: Vec<(f64, f64)> = (0..table.columns.len()).map(column).collect();
    let least: f64 = wanted.iter().map(|(word, _)| word).sum();
    let more: f64 = wanted.iter().map(|(word, whole)| whole - word).sum();
    let inner = sheet.inner();
    if least >= inner {
        return shared(&wanted.iter().map(|(word, _)| *word).collect::<Vec<_>>(), inner);
    }
    let share = |(word, whole): &(f64, f64)| {
        if more > 0.0 { word + (whole - word) * (inner - least) / more } else { inner / wanted.len() as f64 }
    };
    wanted.iter().map(share).collect()
}

/// Too narrow even for the words: columns of short words keep them whole, and those with long ones, such as a digest, share the
/// rest and break theirs.
fn shared(words: &[f64], inner: f64) -> Vec<f64> {
    let mut widths = vec![None; words.len()];
    loop {
        let open = widths.iter().filter(|width| width.is_none()).count();
        let share = (inner - widths.iter().flatten().sum::<f64>()) / open.max(1) as f64;
        let narrow: Vec<usize> = (0..words.len()).filter(|n| widths[*n].is_none() && words[*n] <= share).collect();
        if narrow.is_empty() {
            return widths.into_iter().map(|width| width.unwrap_or(share)).collect();
        }
        narrow.into_iter().for_each(|n| widths[n] = Some(words[n]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_with_one_endless_word_takes_nothing_from_columns_of_short_ones() {
        assert_eq!(shared(&[50.0, 80.0, 500.0, 70.0], 450.0), [50.0, 80.0, 250.0, 70.0]);
        // Two of them share what is left: 450 - 50, halved.
        assert_eq!(shared(&[500.0, 50.0, 900.0], 450.0), [200.0, 50.0, 200.0]);
        assert_eq!(shared(&[100.0, 100.0], 200.0), [100.0, 100.0]);
        assert_eq!(shared(&[300.0, 300.0], 200.0), [100.0, 100.0]);
    }
}
