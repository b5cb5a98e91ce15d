//! The leaflet: what the treatment is, what it can and cannot do, for anybody who thinks about it.

use super::document::{Document, Kind, Language};
use super::inputs::Visit;
use super::slots::Slot;
use super::wording::DocumentBook;
use super::writer::{DocumentError, Writer};

/// The leaflet.
///
/// # Errors
/// [`DocumentError`] when the words cannot be used.
pub fn leaflet(book: &DocumentBook, language: Language, visit: &Visit) -> Result<Document, DocumentError> {
    let mut writer = Writer::new(book, Kind::Leaflet, language, visit)?;
    let phrases = writer.phrases();
    writer.slot_fact(&phrases.phone, Slot::Phone);
    writer.slot_fact(&phrases.night_phone, Slot::NightPhone);
    writer.slot_fact(&phrases.emergency, Slot::Emergency);
    writer.written(visit, false)
}
