//! A change of the calendar that is too long for one event, in several.

use frostline_record::schedule::{CalendarChange, Resources};
use serde::Serialize;

/// The same change in pieces of which none is longer than so many bytes as JSON, as long as no single row is: lists go on from piece
/// to piece. Made again one after the other they are the change.
pub(super) fn pieces(mut change: CalendarChange, most_bytes: usize) -> Vec<CalendarChange> {
    if json_bytes(&change) <= most_bytes {
        return vec![change];
    }
    let rows = rows_of(Resources {
        rooms: emptied(&mut change.rooms),
        people: emptied(&mut change.people),
        probes: emptied(&mut change.probes),
        gas: emptied(&mut change.gas),
        bays: emptied(&mut change.bays),
    });
    let mut pieces = vec![change];
    let (mut piece, mut bytes) = (CalendarChange::default(), 0);
    for row in rows {
        let its = json_bytes(&row);
        if bytes > 0 && bytes + its > most_bytes {
            pieces.push(std::mem::take(&mut piece));
            bytes = 0;
        }
        piece.more = piece.more.with(row);
        bytes += its;
    }
    pieces.push(piece);
    pieces
}

/// Every row alone.
fn rows_of(lists: Resources) -> Vec<Resources> {
    let nothing = Resources::default;
    let mut rows = Vec::new();
    rows.extend(lists.rooms.into_iter().map(|row| Resources { rooms: vec![row], ..nothing() }));
    rows.extend(lists.people.into_iter().map(|row| Resources { people: vec![row], ..nothing() }));
    rows.extend(lists.probes.into_iter().map(|row| Resources { probes: vec![row], ..nothing() }));
    rows.extend(lists.gas.into_iter().map(|row| Resources { gas: vec![row], ..nothing() }));
    rows.extend(lists.bays.into_iter().map(|row| Resources { bays: vec![row], ..nothing() }));
    rows
}

/// What a list held; an empty list stays where it was changed.
fn emptied<T>(list: &mut Option<Vec<T>>) -> Vec<T> {
    list.as_mut().map(std::mem::take).unwrap_or_default()
}

/// Every one of these values is JSON; what could not be written would be refused by whoever writes it.
fn json_bytes(value: &impl Serialize) -> usize {
    serde_json::to_string(value).map_or(usize::MAX, |text| text.len())
}

#[cfg(test)]
mod tests {
    use frostline_record::rules::Day;
    use frostline_record::schedule::{Calendar, ProbeLot, Usable};

    use super::*;

    fn lot(number: u32) -> ProbeLot {
        let lot = format!("L-{number:04}");
        ProbeLot { model: "n2o-1.3".into(), lot, sterile_until: Day(30_000), count: number, usable: Usable::Free }
    }

    #[test]
    fn a_list_in_pieces_is_the_list_again_and_no_piece_is_longer_than_it_may_be() {
        let probes: Vec<ProbeLot> = (0..200).map(lot).collect();
        let before = Calendar::new(Resources { probes: vec![lot(7)], ..Resources::default() });
        let after = Calendar::new(Resources { probes, ..Resources::default() });
        let change = after.since(&before);
        assert_eq!(pieces(change.clone(), 100_000), std::slice::from_ref(&change));
        let cut = pieces(change, 2_000);
        // A row alone, in its list beside four empty ones, is 140 to 170 bytes: 11 to 14 rows in 2000 bytes, 15 to 19 pieces for
        // 200 rows, and the one before them that empties the list.
        assert!((16..=20).contains(&cut.len()), "{}", cut.len());
        // What surrounds the rows of a piece is shorter than one row.
        assert!(cut.iter().all(|piece| json_bytes(piece) <= 2_100));
        assert_eq!(before.after(cut), after);
    }
}
