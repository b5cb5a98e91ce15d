//! Who does what when, with which probe: rooms, people, stock, bookings, waiting list.
//!
//! Knows: how long a plan takes, what may be booked together, what stands in the way and when it could be instead.
//! Does not know: names of patients, clocks, time zones. Times are minutes; openings say which day they belong to.

mod allocate;
mod around;
mod booking;
mod calendar;
mod cancelling;
mod change;
mod displaced;
mod duration;
mod overrun;
mod request;
mod resources;
mod settings;
mod state;
mod stock;
mod told;
mod waiting;

pub use booking::{Allocation, Booking, Change, ReservedGas, ReservedLot, Seated};
pub use calendar::{Calendar, ChangeRefused, Used};
pub use cancelling::PayerApproval;
pub use change::CalendarChange;
pub use displaced::Displaced;
pub use duration::{LengthAlarm, NoSlotLength, PlannedNerve, RoomPlan, SlotLength, SlotPart};
pub use overrun::{Actual, Expected, HeldBack};
pub use request::{
    BookingRequest, Clearance, Conflict, NextSlot, Obstacle, ProbeNeed, Resource, SessionNeeds, WantedRoom,
};
pub use resources::{
    Bay, Credential, Cylinder, Held, Opening, Person, ProbeLot, Resources, Room, SedationUpTo, Span, Usable,
};
pub use settings::{
    ArrivalMinutes, CancellationReason, CancelledBy, Cycles, LowStock, Minutes, NotDoneCode, Pieces, ScheduleSettings,
    Seat, SeatNeeds, SlotParts, UsualLength, WholeDays,
};
pub use state::{BookingState, StateRefused};
pub use stock::StockFinding;
pub use waiting::{Left, Offer, OfferMade, Priority, Waited, Waiting};
