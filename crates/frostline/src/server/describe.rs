//! What every operation of the interface's description has in common, written once.

use serde_json::json;
use utoipa::PartialSchema;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::{ContentBuilder, HeaderBuilder, OpenApi, Ref, RefOr, Required, ResponseBuilder, schema};

use super::cookie::CSRF_HEADER;
use super::doors::{PATIENT, SESSION};
use super::idempotency::IDEMPOTENCY_KEY;
use super::problem::{FieldFault, PROBLEM_JSON, Problem};
use super::state::Site;

/// Completes a description: how one signs in, which headers a change brings, and how refusals look.
pub fn complete(description: &mut OpenApi, site: &Site) {
    let cookie = if site.encrypted { "__Host-frostline" } else { "frostline" };
    let components = description.components.get_or_insert_default();
    components.schemas.insert("Problem".to_string(), Problem::schema());
    components.schemas.insert("FieldFault".to_string(), FieldFault::schema());
    for (name, what) in
        [(SESSION, "Staff, signed in with name and password."), (PATIENT, "A patient, by their invitation.")]
    {
        let scheme = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(cookie, what)));
        components.add_security_scheme(name, scheme);
    }
    for item in description.paths.paths.values_mut() {
        let reading = [&mut item.get, &mut item.head];
        reading.into_iter().flatten().for_each(|operation| with_refusals(operation, &READING));
        for operation in [&mut item.put, &mut item.post, &mut item.patch, &mut item.delete].into_iter().flatten() {
            with_refusals(operation, &CHANGING);
            if needs_session(operation) {
                with_headers(operation);
            }
        }
    }
}

const READING: [&str; 10] = ["400", "401", "403", "404", "405", "410", "422", "429", "500", "503"];
const CHANGING: [&str; 15] =
    ["400", "401", "403", "404", "405", "409", "410", "412", "413", "415", "422", "428", "429", "500", "503"];

fn needs_session(operation: &Operation) -> bool {
    let security = json!(operation.security);
    security.get(0).and_then(|first| first.as_object()).is_some_and(|names| !names.is_empty())
}

fn with_refusals(operation: &mut Operation, statuses: &[&str]) {
    for status in statuses {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let mut answer = ResponseBuilder::new().description("Refused; see 'detail'").content(PROBLEM_JSON, content);
        if *status == "429" {
            let seconds = schema::ObjectBuilder::new().schema_type(schema::Type::Integer).minimum(Some(1)).build();
            let header = HeaderBuilder::new().schema(Some(seconds)).description(Some("Seconds to wait")).build();
            answer = answer.header("retry-after", header);
        }
        operation.responses.responses.entry((*status).to_string()).or_insert_with(|| RefOr::T(answer.build()));
    }
}

fn with_headers(operation: &mut Operation) {
    let header = |name: &str, what: &str, required: Required| {
        let text =
            schema::ObjectBuilder::new().schema_type(schema::Type::String).pattern(Some("^[!-~]{1,128}$")).build();
        let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Header).required(required);
        RefOr::T(parameter.description(Some(what)).schema(Some(text)).build())
    };
    operation.parameters.get_or_insert_default().extend([
        header(CSRF_HEADER, "The token that signing in gave.", Required::True),
        header(IDEMPOTENCY_KEY, "With the same key the same request happens once.", Required::False),
    ]);
}
