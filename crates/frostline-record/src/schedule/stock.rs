//! What is running low, expired, or set aside although it may not be used.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::rules::{Day, RuleId};

use super::booking::{Booking, ReservedLot};
use super::calendar::Calendar;
use super::resources::{Cylinder, ProbeLot, Usable};
use super::settings::ScheduleSettings;

/// What is wrong with the stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum StockFinding {
    /// Few probes of a model are left that nobody reserved.
    FewProbes {
        /// Key of the model.
        model: String,
        /// How many.
        free: u32,
    },
    /// Few freezes of a gas are left that nobody reserved, beyond the reserve of each cylinder.
    LittleGas {
        /// Key of the gas.
        gas: String,
        /// How many.
        free: u32,
    },
    /// A lot or cylinder will soon be out of date.
    ExpiresSoon {
        /// Lot or cylinder.
        what: String,
        /// Its last day.
        last: Day,
    },
    /// A lot or cylinder is out of date.
    Expired {
        /// Lot or cylinder.
        what: String,
        /// Its last day.
        last: Day,
    },
    /// A lot or cylinder may not be used.
    Quarantined {
        /// Lot or cylinder.
        what: String,
        /// Why.
        why: String,
    },
    /// A booking has set aside what may not be used on its day.
    Unusable {
        /// Key of the booking.
        booking: String,
        /// Its case.
        case: String,
        /// Lot or cylinder.
        what: String,
    },
}

impl StockFinding {
    /// Which rule says so, where one does.
    pub fn rule(&self) -> Option<RuleId> {
        match self {
            StockFinding::Expired { .. } | StockFinding::Unusable { .. } => Some(RuleId::N06),
            _ => None,
        }
    }

    /// In words.
    pub fn text(&self) -> String {
        match self {
            StockFinding::FewProbes { model, free } => format!("probes of model {model}: {free} left; order some"),
            StockFinding::LittleGas { gas, free } => format!("{gas}: {free} freezes left; order a cylinder"),
            StockFinding::ExpiresSoon { what, last } => format!("{what}: last day {last}; use it first or replace it"),
            StockFinding::Expired { what, last } => format!("{what}: out of date since {last}; take it away"),
            StockFinding::Quarantined { what, why } => format!("{what}: not to be used ({why}); return or release it"),
            StockFinding::Unusable { booking, what, .. } => {
                format!("booking {booking} has set aside {what}, which may not be used then; move it to reserve again")
            }
        }
    }
}

impl Calendar {
    /// Everything about the stock that somebody should know today.
    pub fn stock_findings(&self, settings: &ScheduleSettings, today: Day) -> Vec<StockFinding> {
        let mut found = self.unusable();
        found.extend(self.dated(settings, today));
        found.extend(self.few_probes(settings, today));
        found.extend(self.little_gas(settings, today));
        found
    }

    fn holding(&self) -> impl Iterator<Item = &Booking> {
        self.bookings().iter().filter(|booking| booking.state().holds_stock())
    }

    fn unusable(&self) -> Vec<StockFinding> {
        let mut found = Vec::new();
        for booking in self.holding() {
            let taken = booking.allocation();
            let mut unusable = |what: String| {
                let (id, case) = (booking.id().to_owned(), booking.case().to_owned());
                found.push(StockFinding::Unusable { booking: id, case, what });
            };
            for ReservedLot { model, lot, .. } in &taken.probes {
                let row = self.resources().probes.iter().find(|row| row.model == *model && row.lot == *lot);
                if !row.is_some_and(|row| row.usable == Usable::Free && row.sterile_until >= taken.day) {
                    unusable(format!("lot {lot} of {model}"));
                }
            }
            if let Some(gas) = &taken.gas {
                let row = self.resources().gas.iter().find(|row| row.id == gas.cylinder);
                if !row.is_some_and(|row| row.usable == Usable::Free && row.tested_until >= taken.day) {
                    unusable(format!("cylinder {}", gas.cylinder));
                }
            }
        }
        found
    }

    fn dated(&self, settings: &ScheduleSettings, today: Day) -> Vec<StockFinding> {
        let soon = settings.low.expiry.value.days;
        let lots = self.resources().probes.iter().filter(|lot| lot.count > 0);
        let lots = lots.map(|lot| (format!("lot {} of {}", lot.lot, lot.model), lot.sterile_until, &lot.usable));
        let cylinders = self.resources().gas.iter();
        let cylinders = cylinders.map(|row| (format!("cylinder {}", row.id), row.tested_until, &row.usable));
        let judged = |(what, last, usable): (String, Day, &Usable)| match usable {
            Usable::Quarantined(why) => Some(StockFinding::Quarantined { what, why: why.clone() }),
            Usable::Free if last < today => Some(StockFinding::Expired { what, last }),
            Usable::Free if last.days_since(today) <= soon => Some(StockFinding::ExpiresSoon { what, last }),
            Usable::Free => None,
        };
        lots.chain(cylinders).filter_map(judged).collect()
    }

    fn few_probes(&self, settings: &ScheduleSettings, today: Day) -> Vec<StockFinding> {
        let models: BTreeSet<&str> = self.resources().probes.iter().map(|lot| lot.model.as_str()).collect();
        let few = |model: &str| {
            let usable = |lot: &&ProbeLot| lot.usable == Usable::Free && lot.sterile_until >= today;
            let lots = self.resources().probes.iter().filter(|lot| lot.model == model).filter(usable);
            let there: u32 = lots.map(|lot| lot.count).sum();
            let reserved = self.holding().flat_map(|booking| &booking.allocation().probes);
            let reserved: u32 = reserved.filter(|lot| lot.model == model).map(|lot| lot.count).sum();
            let free = there.saturating_sub(reserved);
            let is_few = free <= settings.low.probes.value.count;
            is_few.then(|| StockFinding::FewProbes { model: model.to_owned(), free })
        };
        models.into_iter().filter_map(few).collect()
    }

    fn little_gas(&self, settings: &ScheduleSettings, today: Day) -> Vec<StockFinding> {
        let gases: BTreeSet<&str> = self.resources().gas.iter().map(|row| row.gas.as_str()).collect();
        let free_of = |row: &Cylinder| {
            let reserved = self.holding().filter_map(|booking| booking.allocation().gas.as_ref());
            let reserved: u32 = reserved.filter(|gas| gas.cylinder == row.id).map(|gas| gas.cycles).sum();
            row.cycles_left.saturating_sub(settings.gas_reserve.value.cycles).saturating_sub(reserved)
        };
        let little = |gas: &str| {
            let usable = |row: &&Cylinder| row.usable == Usable::Free && row.tested_until >= today;
            let free: u32 = self.resources().gas.iter().filter(|row| row.gas == gas).filter(usable).map(free_of).sum();
            let is_little = free <= settings.low.gas.value.cycles;
            is_little.then(|| StockFinding::LittleGas { gas: gas.to_owned(), free })
        };
        gases.into_iter().filter_map(little).collect()
    }
}
