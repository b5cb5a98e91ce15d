//! Numbers of the rules with their unit, each checked against what such a number can be at all.

use serde::Deserialize;
use serde::de::Error as _;

fn between<'de, D: serde::Deserializer<'de>, const LOW: i32, const HIGH: i32>(
    deserializer: D,
) -> Result<f64, D::Error> {
    let found = f64::deserialize(deserializer)?;
    if found >= f64::from(LOW) && found <= f64::from(HIGH) {
        return Ok(found);
    }
    Err(D::Error::custom(format!("found {found}, expected a number from {LOW} to {HIGH}")))
}

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident { $field:ident, $range:literal }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name {
            #[serde(deserialize_with = $range)]
            pub(super) $field: f64,
        }
    };
}

quantity!(/// Unit: day.
    Days { days, "between::<_, 0, 3650>" });
quantity!(/// Unit: h.
    Hours { hours, "between::<_, 0, 1000>" });
quantity!(/// Unit: min.
    Minutes { minutes, "between::<_, 0, 1440>" });
quantity!(/// Unit: year.
    Years { years, "between::<_, 0, 130>" });
quantity!(/// Points of a questionnaire or a scale.
    Points { points, "between::<_, 0, 100>" });
quantity!(/// Unit: %.
    Percent { percent, "between::<_, 0, 100>" });
quantity!(/// How many.
    Count { count, "between::<_, 0, 1000>" });
quantity!(/// Unit: mm.
    Millimetres { millimetres, "between::<_, 0, 500>" });
quantity!(/// Unit: C.
    Celsius { celsius, "between::<_, -200, 60>" });
quantity!(/// Unit: mg.
    Milligrams { mg, "between::<_, 0, 5000>" });
quantity!(/// Unit: mg per dL.
    PerDecilitre { mg_per_dl, "between::<_, 0, 1000>" });
quantity!(/// Unit: V or mA, as the stimulator is built.
    Stimulus { volts, "between::<_, 0, 20>" });
quantity!(/// A ratio without a unit, such as INR.
    Ratio { ratio, "between::<_, 0, 20>" });
quantity!(/// Unit: 10^9 per L.
    Platelets { giga_per_l, "between::<_, 0, 1000>" });
quantity!(/// Unit: mL per min.
    Clearance { ml_per_min, "between::<_, 0, 300>" });
quantity!(/// Needle gauge: a smaller number is a thicker needle.
    Gauge { gauge, "between::<_, 6, 34>" });
quantity!(/// Unit: kg per m2.
    BodyMass { kg_per_m2, "between::<_, 10, 100>" });

/// The largest usual cross-section of a nerve at one level.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NerveArea {
    /// Keys of the atlas for this level.
    nerves: Vec<String>,
    /// Unit: mm2.
    #[serde(deserialize_with = "between::<_, 0, 500>")]
    pub(super) mm2: f64,
}

impl NerveArea {
    pub(super) fn is_of(&self, nerve: &str) -> bool {
        self.nerves.iter().any(|listed| listed == nerve)
    }
}

/// Nerves of the atlas, by their key.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NerveList {
    pub(super) nerves: Vec<String>,
}

impl NerveList {
    pub(super) fn has(&self, nerve: &str) -> bool {
        self.nerves.iter().any(|listed| listed == nerve)
    }
}
