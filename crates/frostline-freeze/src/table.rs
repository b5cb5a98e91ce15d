//! Tables: a quantity by temperature, a temperature by time. Linear between rows, held outside.

/// Why rows do not make a table.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TableError {
    /// No row at all.
    #[error("the table has no rows; give at least one pair")]
    Empty,
    /// A number that is infinite or not a number.
    #[error("row {row} of the table is ({at}, {value}); both numbers must be finite")]
    NotFinite {
        /// Number of the row, from 1.
        row: usize,
        /// First number of the row.
        at: f64,
        /// Second number of the row.
        value: f64,
    },
    /// Two rows for the same place.
    #[error("rows {first} and {second} of the sorted table both stand at {at}; keep one of them", second = .first + 1)]
    Repeated {
        /// Number of the first of the two rows after sorting, from 1.
        first: usize,
        /// Where both stand.
        at: f64,
    },
}

/// Rows sorted by their first number.
#[derive(Clone, Debug, PartialEq)]
struct Rows(Vec<(f64, f64)>);

impl Rows {
    fn new(pairs: &[(f64, f64)]) -> Result<Self, TableError> {
        if pairs.is_empty() {
            return Err(TableError::Empty);
        }
        for (n, &(at, value)) in pairs.iter().enumerate() {
            if !(at.is_finite() && value.is_finite()) {
                return Err(TableError::NotFinite { row: n + 1, at, value });
            }
        }
        let mut rows = pairs.to_vec();
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (n, pair) in rows.windows(2).enumerate() {
            if pair[1].0 <= pair[0].0 {
                return Err(TableError::Repeated { first: n + 1, at: pair[0].0 });
            }
        }
        Ok(Self(rows))
    }

    fn at(&self, x: f64) -> f64 {
        let rows = &self.0;
        let after = rows.partition_point(|row| row.0 < x);
        if after == 0 {
            return rows[0].1;
        }
        if after == rows.len() {
            return rows[after - 1].1;
        }
        let (a, b) = (rows[after - 1], rows[after]);
        a.1 + (b.1 - a.1) * ((x - a.0) / (b.0 - a.0))
    }
}

/// A quantity by temperature: linear between rows, held outside them. Range: any finite numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct TemperatureTable(Rows);

impl TemperatureTable {
    /// From pairs of (°C, value) in any order.
    ///
    /// # Errors
    /// [`TableError`] when empty, not finite, or with two rows at one temperature.
    pub fn from_pairs(pairs: &[(f64, f64)]) -> Result<Self, TableError> {
        Rows::new(pairs).map(Self)
    }

    /// The same value at every temperature.
    pub fn constant(value: f64) -> Self {
        Self(Rows(vec![(0.0, value)]))
    }

    /// The value at a temperature.
    pub fn at(&self, celsius: f64) -> f64 {
        self.0.at(celsius)
    }

    /// The rows, coldest first.
    pub fn pairs(&self) -> &[(f64, f64)] {
        &self.0.0
    }
}

/// A temperature by time: linear between rows, held outside them. Unit: °C by s.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeTable(Rows);

impl TimeTable {
    /// From pairs of (s, °C) in any order.
    ///
    /// # Errors
    /// [`TableError`] when empty, not finite, or with two rows at one time.
    pub fn from_pairs(pairs: &[(f64, f64)]) -> Result<Self, TableError> {
        Rows::new(pairs).map(Self)
    }

    /// The same temperature at every time.
    pub fn constant(celsius: f64) -> Self {
        Self(Rows(vec![(0.0, celsius)]))
    }

    /// The temperature at a time. Unit: °C.
    pub fn at(&self, time_s: f64) -> f64 {
        self.0.at(time_s)
    }

    /// The rows, earliest first.
    pub fn pairs(&self) -> &[(f64, f64)] {
        &self.0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_linear_between_rows_and_held_outside() {
        let table = TemperatureTable::from_pairs(&[(0.0, 1.0), (-40.0, 3.0)]).unwrap();
        assert_eq!(table.at(-20.0), 2.0);
        assert_eq!(table.at(-100.0), 3.0);
        assert_eq!(table.at(37.0), 1.0);
    }

    #[test]
    fn a_table_without_rows_is_refused() {
        assert_eq!(TimeTable::from_pairs(&[]), Err(TableError::Empty));
    }

    #[test]
    fn two_rows_at_one_time_are_refused() {
        let error = TimeTable::from_pairs(&[(5.0, 1.0), (0.0, 0.0), (5.0, 2.0)]).unwrap_err();
        assert_eq!(error, TableError::Repeated { first: 2, at: 5.0 });
        assert!(error.to_string().contains("rows 2 and 3"), "{error}");
    }

    #[test]
    fn a_row_that_is_not_a_number_is_refused() {
        assert!(matches!(TimeTable::from_pairs(&[(0.0, f64::NAN)]), Err(TableError::NotFinite { row: 1, .. })));
    }
}
