//! Long lists, a page at a time.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::problem::{Kind, Problem};
use crate::accounts::SecurityNumbers;

/// Which page is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageAsked {
    /// What the page before gave as `next`; nothing for the first page.
    pub after: Option<String>,
    /// How many; at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// Where a page begins.
#[derive(Debug, PartialEq, Eq)]
pub struct PageStart {
    /// The key of the last item before it; empty for the first page.
    pub after: String,
    /// How many.
    pub limit: i64,
}

/// One page.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// To be sent as `after` for the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl PageAsked {
    /// Where the page begins.
    ///
    /// # Errors
    /// Where `after` was not given by this server, or the limit is out of range.
    pub fn start(&self, numbers: &SecurityNumbers) -> Result<PageStart, Problem> {
        let limit = self.limit.unwrap_or(numbers.server.page_default);
        if !(1..=numbers.server.page_largest).contains(&limit) {
            let expected = format!("limit: found {limit}, expected 1 to {}", numbers.server.page_largest);
            return Err(Problem::new(Kind::Malformed, expected));
        }
        let after = self.after.as_deref().unwrap_or_default();
        let after = URL_SAFE_NO_PAD.decode(after).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let after = after.filter(|text| !text.contains('\0'));
        let after = after
            .ok_or_else(|| Problem::new(Kind::Malformed, "after: expected what the page before gave as 'next'"))?;
        Ok(PageStart { after, limit })
    }
}

impl PageStart {
    /// One more than asked for, to know whether another page follows.
    pub fn look_for(&self) -> i64 {
        self.limit + 1
    }

    /// The page, of items in order of their keys.
    pub fn page<T>(&self, mut found: Vec<T>, key: impl Fn(&T) -> String) -> Page<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|last| URL_SAFE_NO_PAD.encode(key(last)));
        Page { items: found, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walking_from_page_to_page_meets_every_item_once() {
        let numbers = SecurityNumbers::bundled().unwrap();
        let all: Vec<String> = (10..17).map(|n| n.to_string()).collect();
        let (mut after, mut met) = (None, Vec::new());
        loop {
            let start = PageAsked { after, limit: Some(3) }.start(&numbers).unwrap();
            let found = all.iter().filter(|item| **item > start.after).take(4).cloned().collect();
            let page = start.page(found, String::clone);
            met.extend(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(met, all);
    }

    #[test]
    fn a_limit_of_none_or_of_too_many_is_refused() {
        let numbers = SecurityNumbers::bundled().unwrap();
        for (limit, fine) in [(0, false), (1, true), (200, true), (201, false)] {
            assert_eq!(PageAsked { after: None, limit: Some(limit) }.start(&numbers).is_ok(), fine, "{limit}");
        }
        assert!(PageAsked { after: Some("%".into()), limit: None }.start(&numbers).is_err());
    }
}
