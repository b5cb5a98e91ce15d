//! The answer as tables and JSON.

use std::fmt::Write as _;

use frostline_freeze::{Backend, FreezeHistory, IsothermRecord, SensorTrace, SolverSettings};
use serde_json::{Value, json};

use super::accuracy::Answer;
use super::build::Experiment;
use super::scene_file::SceneFile;

/// Everything that is written about one run.
pub struct Results<'a> {
    /// The file that was read.
    pub file: &'a SceneFile,
    /// Its text, for a fingerprint.
    pub text: &'a str,
    /// What was built of it.
    pub experiment: &'a Experiment,
    /// What happened.
    pub history: &'a FreezeHistory,
    /// The same, with what is known of its error.
    pub answer: &'a Answer,
    /// How it was computed.
    pub settings: SolverSettings,
    /// How long that took.
    pub wall_s: f64,
}

impl Results<'_> {
    fn sensors(&self) -> &[SensorTrace] {
        &self.history.sensors[..self.experiment.own_sensors]
    }

    /// One row per record: time, the sensors in °C, then surface temperature and power of every probe.
    pub fn sensors_csv(&self) -> String {
        let mut table = String::from("at_s");
        for trace in self.sensors() {
            _ = write!(table, ",{}", quoted(&format!("{}_c", trace.name)));
        }
        for trace in &self.history.probe_traces {
            let (surface, power) = (format!("{}_surface_c", trace.name), format!("{}_power_w", trace.name));
            _ = write!(table, ",{},{}", quoted(&surface), quoted(&power));
        }
        table.push('\n');
        for (n, at_s) in self.times_s().iter().enumerate() {
            _ = write!(table, "{at_s:.3}");
            for trace in self.sensors() {
                table.push_str(&cell(trace.celsius.get(n).copied(), 3));
            }
            for trace in &self.history.probe_traces {
                table.push_str(&cell(trace.surface_c.get(n).copied().flatten(), 3));
                table.push_str(&cell(trace.power_w.get(n).copied(), 4));
            }
            table.push('\n');
        }
        table
    }

    /// Times of the records: those of any trace, which all share them.
    fn times_s(&self) -> &[f64] {
        let sensor = self.history.sensors.first().map(|trace| trace.at_s.as_slice());
        let probe = self.history.probe_traces.first().map(|trace| trace.at_s.as_slice());
        sensor.or(probe).unwrap_or_default()
    }

    /// One row per time and isotherm: volume, width, length, reach beyond the tip of the first probe, and along rays.
    pub fn isotherms_csv(&self) -> String {
        let mut table = String::from("at_s,celsius,volume_mm3,width_mm,length_mm,beyond_tip_mm");
        for ray in &self.experiment.rays {
            _ = write!(table, ",{}", quoted(&format!("{}_mm", ray.name)));
        }
        table.push('\n');
        for edge in &self.history.edges {
            _ = write!(table, "{:.3},{},{:.3}", edge.at_s, edge.celsius, edge.volume_mm3);
            _ = write!(table, ",{:.3},{:.3}", edge.width_mm, edge.length_mm);
            let extent = edge.extents.first().filter(|_| edge.volume_mm3 > 0.0);
            table.push_str(&cell(extent.map(|extent| extent.beyond_tip_mm), 3));
            for ray in &self.experiment.rays {
                table.push_str(&cell(ray.reach_mm(self.history, edge.celsius, edge.at_s), 3));
            }
            table.push('\n');
        }
        table
    }

    /// The largest extent of every isotherm, the coldest value of every sensor, and how it was computed.
    pub fn json(&self) -> Value {
        let (counters, parts) = (&self.history.counters, self.experiment.scene.parts());
        json!({
            "schema": "frostline-simulation-1",
            "name": self.file.name,
            "source": self.file.source,
            "note": self.file.note,
            "duration_s": parts.duration_s,
            "sensors": self.sensors().iter().map(|trace| sensor_json(trace, self.answer.sensor_k(&trace.name))).collect::<Vec<_>>(),
            "isotherms": self.file.isotherms_c.iter().map(|celsius| self.isotherm_json(*celsius)).collect::<Vec<_>>(),
            "probes": parts.probes.iter().zip(&self.file.probes).map(|(probe, row)| json!({
                "name": probe.name,
                "catalogue": row.catalogue,
                "radius_mm": probe.shape.radius_mm,
                "active_length_mm": probe.shape.active_length_mm,
                "phases": probe.schedule.phases.len(),
                "protocol_s": probe.schedule.duration_s(),
            })).collect::<Vec<_>>(),
            "media": self.experiment.media,
            "solver": {
                "grid_mm": counters.grid_mm,
                "cells": counters.cells,
                "steps": counters.steps,
                "stages": counters.stages,
                "cell_updates": counters.cell_updates,
                "step_s": self.settings.step_s,
                "threads": self.settings.threads,
                "backend": match self.settings.backend {
                    Backend::Cpu => "CPU",
                    Backend::Gpu => "GPU",
                },
                "wall_s": self.wall_s,
                "energy_error": self.history.energy.error(),
            },
            "accuracy": self.answer.json(),
            "energy_j": {
                "stored": self.history.energy.stored_j,
                "probes": self.history.energy.probes_j,
                "boundaries": self.history.energy.boundaries_j,
                "perfusion": self.history.energy.perfusion_j,
                "metabolism": self.history.energy.metabolism_j,
            },
            "scene": self.text,
            "version": env!("CARGO_PKG_VERSION"),
            "notice": frostline_plan::NOTICE,
        })
    }

    fn largest(&self, celsius: f64) -> Option<&IsothermRecord> {
        let edges = self.history.edges.iter().filter(|edge| edge.celsius == celsius && edge.volume_mm3 > 0.0);
        edges.max_by(|a, b| a.volume_mm3.total_cmp(&b.volume_mm3))
    }

    fn isotherm_json(&self, celsius: f64) -> Value {
        let largest = self.largest(celsius).map(|edge| {
            let rays: serde_json::Map<String, Value> = self
                .experiment
                .rays
                .iter()
                .map(|ray| (ray.name.clone(), json!(ray.reach_mm(self.history, celsius, edge.at_s))))
                .collect();
            json!({
                "at_s": edge.at_s,
                "volume_mm3": edge.volume_mm3,
                "width_mm": edge.width_mm,
                "length_mm": edge.length_mm,
                "rays_mm": rays,
            })
        });
        json!({ "celsius": celsius, "largest": largest, "error_mm": self.answer.surface_mm(celsius) })
    }

    /// A dozen lines for a person.
    pub fn summary(&self) -> String {
        let counters = &self.history.counters;
        let mut text = format!("{}\n", self.file.name);
        for celsius in &self.file.isotherms_c {
            _ = match self.largest(*celsius) {
                Some(edge) => writeln!(
                    text,
                    "{celsius:>6} °C  at most {:.1} mm wide, {:.1} mm long, {:.0} mm3, at {:.0} s",
                    edge.width_mm, edge.length_mm, edge.volume_mm3, edge.at_s
                ),
                None => writeln!(text, "{celsius:>6} °C  never reached"),
            };
        }
        for trace in self.sensors() {
            if let Some((celsius, at_s)) = coldest(trace) {
                _ = writeln!(text, "{}: coldest {celsius:.1} °C at {at_s:.0} s", trace.name);
            }
        }
        _ = writeln!(
            text,
            "{} cells of {:.2} mm and more, {} stages, {:.2} s; energy error {:.1e}",
            counters.cells,
            counters.grid_mm,
            counters.stages,
            self.wall_s,
            self.history.energy.error()
        );
        for celsius in &self.file.isotherms_c {
            if let Some(error_mm) = self.answer.surface_mm(*celsius) {
                _ = writeln!(text, "{celsius:>6} °C  radius and half length within {error_mm:.3} mm by estimate");
            }
        }
        _ = writeln!(text, "{}", self.answer.words());
        text
    }
}

fn coldest(trace: &SensorTrace) -> Option<(f64, f64)> {
    let records = trace.celsius.iter().zip(&trace.at_s);
    records.min_by(|a, b| a.0.total_cmp(b.0)).map(|(celsius, at_s)| (*celsius, *at_s))
}

fn sensor_json(trace: &SensorTrace, error_k: Option<f64>) -> Value {
    let coldest = coldest(trace);
    json!({
        "name": trace.name,
        "at_mm": [trace.place.x, trace.place.y, trace.place.z],
        "start_c": trace.celsius.first(),
        "coldest_c": coldest.map(|coldest| coldest.0),
        "coldest_at_s": coldest.map(|coldest| coldest.1),
        "error_k": error_k,
        "last_c": trace.celsius.last(),
    })
}

/// A comma and the number; nothing behind the comma where there is no number.
fn cell(value: Option<f64>, digits: usize) -> String {
    value.filter(|value| value.is_finite()).map_or(",".to_owned(), |value| {
        // Adding zero turns a negative zero into a plain one.
        format!(",{:.digits$}", value + 0.0)
    })
}

/// A name as a CSV field.
fn quoted(name: &str) -> String {
    if name.contains([',', '"', '\n']) { format!("\"{}\"", name.replace('"', "\"\"")) } else { name.to_owned() }
}
