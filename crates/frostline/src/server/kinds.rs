//! Which kinds of files may be attached to a case: told by what is in them, never by a name or by what the sender says.

/// How many bytes from the beginning tell the kind: the sign of a NIfTI file ends after 348.
pub const LOOKED_AT: usize = 512;

/// What a kind begins with: its name, from which byte on, and the bytes there.
type Sign = (&'static str, usize, &'static [u8]);

/// The kinds that are taken beside plain text. Signs are those of the formats' own standards.
const SIGNS: [Sign; 20] = [
    ("DICOM", 128, b"DICM"),
    ("NIfTI", 344, b"n+1\0"),
    ("NIfTI", 344, b"ni1\0"),
    ("NIfTI", 4, b"n+2\0"),
    ("NRRD", 0, b"NRRD00"),
    ("MetaImage", 0, b"ObjectType"),
    ("MetaImage", 0, b"NDims"),
    ("PNG", 0, b"\x89PNG\r\n\x1a\n"),
    ("JPEG", 0, b"\xff\xd8\xff"),
    ("JPEG 2000", 0, b"\0\0\0\x0cjP  "),
    ("JPEG 2000", 0, b"\xff\x4f\xff\x51"),
    ("TIFF", 0, b"II*\0"),
    ("TIFF", 0, b"MM\0*"),
    ("PDF", 0, b"%PDF-"),
    ("gzip", 0, b"\x1f\x8b\x08"),
    ("MP4", 4, b"ftyp"),
    ("AVI", 8, b"AVI "),
    ("Matroska", 0, b"\x1a\x45\xdf\xa3"),
    ("WAV", 8, b"WAVE"),
    ("FLAC", 0, b"fLaC"),
];

/// The kind of a file by its first [`LOOKED_AT`] bytes; nothing where it is none that is taken.
pub fn kind_of(head: &[u8]) -> Option<&'static str> {
    let begins = |(_, from, sign): &&Sign| head.get(*from..).is_some_and(|rest| rest.starts_with(sign));
    SIGNS.iter().find(begins).map(|(name, ..)| *name).or_else(|| is_text(head).then_some("text"))
}

/// All of them, for the refusal.
pub fn known() -> String {
    let mut names: Vec<&str> = SIGNS.iter().map(|(name, ..)| *name).collect();
    names.dedup();
    names.join(", ")
}

/// Text in UTF-8 that no browser and no shell would run: tables, notes, TOML, JSON.
fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The last letter may be cut where the look ends.
        Err(error) if error.error_len().is_none() && head.len() == LOOKED_AT => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    let begins = text.trim_start_matches('\u{feff}').trim_start();
    let begins_to_run = begins.starts_with('<') || begins.starts_with("#!");
    let is_written = text.chars().all(|letter| !letter.is_control() || "\t\r\n".contains(letter));
    !text.is_empty() && is_written && !begins_to_run
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_papers_and_text_are_taken_by_what_is_in_them() {
        let dicom = [[0; 128].as_slice(), b"DICM"].concat();
        assert_eq!(kind_of(&dicom), Some("DICOM"));
        assert_eq!(kind_of(&[[0; 344].as_slice(), b"n+1\0"].concat()), Some("NIfTI"));
        assert_eq!(kind_of(b"%PDF-1.7\n"), Some("PDF"));
        assert_eq!(kind_of(b"RIFF\0\0\0\0AVI LIST"), Some("AVI"));
        assert_eq!(kind_of("Schmerz 7/10, Vereisung übermorgen\n".as_bytes()), Some("text"));
        assert_eq!(kind_of(b"{\"a\": 1}"), Some("text"));
        let cut = [vec![b'a'; LOOKED_AT - 1], "ü".as_bytes()[..1].to_vec()].concat();
        assert_eq!(kind_of(&cut), Some("text"));
    }

    #[test]
    fn programs_pages_and_archives_are_not_taken() {
        for bad in [
            b"MZ\x90\0".as_slice(),
            b"\x7fELF\x02\x01",
            b"#!/bin/sh\nrm -rf /",
            b"<!doctype html><script>",
            b"  <svg onload='x'>",
            b"\xef\xbb\xbf<html>",
            b"PK\x03\x04",
            b"",
            b"\0\0\0\0",
            b"a\x1b[2J",
        ] {
            assert_eq!(kind_of(bad), None, "{bad:?}");
        }
    }
}
