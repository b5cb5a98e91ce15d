//! Tables of thermocouples.

use super::experiment_file::BundleError;

/// Temperatures that were measured, one column per couple.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Times. Unit: s.
    pub at_s: Vec<f64>,
    /// Name of the couple and its temperatures. Unit: °C.
    pub couples: Vec<(String, Vec<f64>)>,
}

impl Measured {
    /// From a table with the columns `at_s` and `NAME_c`.
    pub fn read(name: &str, text: &str) -> Result<Self, BundleError> {
        let unreadable = |problem| BundleError::Unreadable { name: format!("scenes/{name}"), problem };
        let mut lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
        let titles: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
        if titles.first() != Some(&"at_s") {
            return Err(unreadable(format!("the first column is {:?}, expected at_s", titles.first())));
        }
        let mut couples = Vec::new();
        for title in &titles[1..] {
            let couple = title.strip_suffix("_c");
            let couple = couple.ok_or_else(|| unreadable(format!("column {title:?} does not end in _c")))?;
            couples.push((couple.to_owned(), Vec::new()));
        }
        let mut table = Self { at_s: Vec::new(), couples };
        for line in lines {
            let row: Result<Vec<f64>, _> = line.split(',').map(|cell| cell.trim().parse::<f64>()).collect();
            let row = row.map_err(|problem| unreadable(format!("row {line:?}: {problem}")))?;
            if row.len() != titles.len() {
                return Err(unreadable(format!("row {line:?} has {} cells, expected {}", row.len(), titles.len())));
            }
            table.at_s.push(row[0]);
            for (couple, celsius) in table.couples.iter_mut().zip(&row[1..]) {
                couple.1.push(*celsius);
            }
        }
        if table.at_s.is_empty() || table.at_s.windows(2).any(|pair| pair[1] <= pair[0]) {
            return Err(unreadable("times must be listed, each later than the one before".to_owned()));
        }
        Ok(table)
    }
}

/// The value at a time, linear between records and held outside.
pub fn at_time(at_s: &[f64], value: &[f64], time_s: f64) -> f64 {
    let after = at_s.partition_point(|at| *at < time_s);
    if after == 0 || after == at_s.len() {
        return value.get(after.min(at_s.len().saturating_sub(1))).copied().unwrap_or(f64::NAN);
    }
    let part = (time_s - at_s[after - 1]) / (at_s[after] - at_s[after - 1]);
    value[after - 1] + part * (value[after] - value[after - 1])
}

/// How far from the axis a temperature is last passed, linear between couples; nothing where the innermost couple is
/// warmer or the outermost colder.
pub fn crossing_mm(radii_mm: &[f64], celsius: &[f64], isotherm_c: f64) -> Option<f64> {
    let last_cold = celsius.iter().rposition(|c| *c <= isotherm_c)?;
    let warm = celsius.get(last_cold + 1)?;
    let part = (isotherm_c - celsius[last_cold]) / (warm - celsius[last_cold]);
    Some(radii_mm[last_cold] + part * (radii_mm[last_cold + 1] - radii_mm[last_cold]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_gives_each_couple_its_column() {
        let table = Measured::read("x", "at_s,a_c,b_c\n0,30,31\n10,20,30.5\n").unwrap();
        assert_eq!(table.at_s, vec![0.0, 10.0]);
        assert_eq!(table.couples[1], ("b".to_owned(), vec![31.0, 30.5]));
    }

    #[test]
    fn a_table_with_a_short_row_or_times_out_of_order_is_refused() {
        assert!(Measured::read("x", "at_s,a_c,b_c\n0,30\n").unwrap_err().to_string().contains("has 2 cells"));
        assert!(Measured::read("x", "at_s,a_c\n5,30\n0,31\n").unwrap_err().to_string().contains("each later"));
        assert!(Measured::read("x", "at_s,a\n0,30\n").unwrap_err().to_string().contains("_c"));
    }

    #[test]
    fn an_isotherm_lies_between_the_couples_that_enclose_it() {
        // Between 4 mm (-10) and 6 mm (10), zero is in the middle.
        assert_eq!(crossing_mm(&[2.0, 4.0, 6.0], &[-30.0, -10.0, 10.0], 0.0), Some(5.0));
        assert_eq!(crossing_mm(&[2.0, 4.0], &[1.0, 5.0], 0.0), None);
        assert_eq!(crossing_mm(&[2.0, 4.0], &[-9.0, -5.0], 0.0), None);
    }

    #[test]
    fn times_between_records_are_linear_and_outside_held() {
        assert_eq!(at_time(&[0.0, 10.0], &[30.0, 20.0], 5.0), 25.0);
        assert_eq!(at_time(&[0.0, 10.0], &[30.0, 20.0], 12.0), 20.0);
    }
}
