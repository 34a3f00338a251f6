//! What a call takes and answers, read from the types of its handler.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    sync::Arc,
};

use axum::{Json, extract::State, http::StatusCode};
use hookseal::ErrorCode;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::{super::extract, schemas::Schemas};
use crate::{
    error::{ApiCode, ApiError},
    http::{
        extract::{IdOf, IdempotencyKey, IdsOf, JsonOrNothing},
        query::Query,
        respond::{Accepted, Created, Done, NoContent},
    },
    service::caller::Caller,
};

/// A code that a call may be refused with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::http) struct Reason {
    pub(super) status: u16,
    pub(super) name: &'static str,
    pub(super) hint: &'static str,
}

impl From<ApiCode> for Reason {
    fn from(code: ApiCode) -> Self {
        Self { status: code.status().as_u16(), name: code.as_str(), hint: code.hint() }
    }
}

/// A code of the core, about a value that was sent.
impl From<ErrorCode> for Reason {
    fn from(code: ErrorCode) -> Self {
        let status = StatusCode::UNPROCESSABLE_ENTITY.as_u16();
        Self { status, name: code.as_str(), hint: code.hint() }
    }
}

/// One call, as far as it is known.
#[derive(Debug)]
pub(in crate::http) struct Operation<'a> {
    schemas: &'a mut Schemas,
    /// The names in the path.
    pub(super) path_parameters: Vec<&'static str>,
    pub(super) parameters: Vec<Value>,
    pub(super) body: Option<Value>,
    /// By status; with what their bodies hold.
    pub(super) answers: BTreeMap<u16, Option<Value>>,
    pub(super) reasons: BTreeSet<Reason>,
}

impl<'a> Operation<'a> {
    pub(super) fn new(path: &'static str, schemas: &'a mut Schemas) -> Self {
        let parameter = |part: &'static str| part.strip_prefix('{')?.strip_suffix('}');
        Self {
            schemas,
            path_parameters: path.split('/').filter_map(parameter).collect(),
            parameters: Vec::new(),
            body: None,
            answers: BTreeMap::new(),
            reasons: BTreeSet::new(),
        }
    }

    fn refuses(&mut self, codes: &[ApiCode]) {
        self.reasons.extend(codes.iter().copied().map(Reason::from));
    }

    fn takes<T: JsonSchema>(&mut self, required: bool) {
        let schema = self.schemas.read.subschema_for::<T>();
        self.body = Some(json!({ "required": required, "content": content(&schema) }));
        self.refuses(&[
            ApiCode::BodyTooLarge,
            ApiCode::InvalidArgument,
            ApiCode::MalformedJson,
            ApiCode::RequestTimeout,
            ApiCode::UnsupportedMediaType,
        ]);
    }

    /// Takes the next parameter of the path.
    fn finds<T: JsonSchema>(&mut self) {
        let schema = self.schemas.read.subschema_for::<T>();
        let Some(name) = self.path_parameters.first() else { return };
        self.parameters.push(json!({
            "name": name,
            "in": "path",
            "required": true,
            "schema": schema,
        }));
        self.path_parameters.remove(0);
        self.refuses(&[ApiCode::NotFound]);
    }

    fn may_answer<T: JsonSchema>(&mut self, status: StatusCode) {
        let schema = self.schemas.write.subschema_for::<T>();
        self.answers.insert(status.as_u16(), Some(content(&schema)));
    }
}

fn content(schema: &Schema) -> Value {
    json!({ "application/json": { "schema": schema } })
}

/// A part of the request that a handler asks for.
pub(in crate::http) trait Input {
    fn describe(operation: &mut Operation<'_>);
}

impl Input for Caller {
    fn describe(operation: &mut Operation<'_>) {
        operation.refuses(&[
            ApiCode::AccountSuspended,
            ApiCode::Forbidden,
            ApiCode::RateLimited,
            ApiCode::Unauthorized,
        ]);
    }
}

impl<S> Input for State<Arc<S>> {
    fn describe(operation: &mut Operation<'_>) {
        operation.refuses(&[ApiCode::Internal, ApiCode::NotReady, ApiCode::Overloaded]);
    }
}

impl<T: JsonSchema> Input for IdOf<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.finds::<T>();
    }
}

impl<T: JsonSchema, U: JsonSchema> Input for IdsOf<T, U> {
    fn describe(operation: &mut Operation<'_>) {
        operation.finds::<T>();
        operation.finds::<U>();
    }
}

impl<T: JsonSchema> Input for Query<T> {
    fn describe(operation: &mut Operation<'_>) {
        let parameters = parameters::<T>(&mut operation.schemas.read);
        operation.parameters.extend(parameters);
        operation.refuses(&[ApiCode::InvalidArgument]);
    }
}

/// The members of `T`, each a parameter.
fn parameters<T: JsonSchema>(schemas: &mut SchemaGenerator) -> Vec<Value> {
    let schema = T::json_schema(schemas).to_value();
    let members = schema.get("properties").and_then(Value::as_object);
    let parameter = |(name, schema): (&String, &Value)| {
        let mut schema = schema.clone();
        let object = schema.as_object_mut();
        let description = object.and_then(|object| object.remove("description"));
        let mut parameter = Map::new();
        parameter.insert("name".to_owned(), json!(name));
        parameter.insert("in".to_owned(), json!("query"));
        parameter.insert("required".to_owned(), json!(false));
        if let Some(description) = description {
            parameter.insert("description".to_owned(), description);
        }
        forbid_null(&mut schema);
        if schema.get("type") == Some(&json!("array")) {
            parameter.insert("explode".to_owned(), json!(false));
        }
        parameter.insert("schema".to_owned(), schema);
        Value::Object(parameter)
    };
    members.into_iter().flatten().map(parameter).collect()
}

/// A parameter that is not given is left out: there is no way to write `null`.
fn forbid_null(schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else { return };
    if let Some(Value::Array(types)) = object.get("type") {
        let types: Vec<_> = types.iter().filter(|name| *name != "null").cloned().collect();
        if let [only] = types.as_slice() {
            object.insert("type".to_owned(), only.clone());
        }
    }
    let of = object.get("anyOf").and_then(Value::as_array).cloned();
    let mut others = of.into_iter().flatten().filter(|one| *one != json!({ "type": "null" }));
    if let (Some(only), None) = (others.next(), others.next()) {
        *schema = only;
    }
}

impl Input for IdempotencyKey {
    fn describe(operation: &mut Operation<'_>) {
        operation.parameters.push(json!({
            "name": "Idempotency-Key",
            "in": "header",
            "required": false,
            "description": "A repeat with the same key gets the answer of the first request.",
            "schema": { "type": "string", "pattern": "^[!-~]{1,255}$" },
        }));
        operation.refuses(&[ApiCode::IdempotencyConflict]);
    }
}

impl<T: JsonSchema> Input for extract::Json<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.takes::<T>(true);
    }
}

impl<T: JsonSchema> Input for JsonOrNothing<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.takes::<T>(false);
    }
}

/// What a handler returns when it succeeds.
pub(in crate::http) trait Output {
    fn describe(operation: &mut Operation<'_>);
}

impl<T: JsonSchema> Output for Json<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.may_answer::<T>(StatusCode::OK);
    }
}

impl<T: JsonSchema> Output for Created<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.may_answer::<T>(StatusCode::CREATED);
    }
}

impl<T: JsonSchema> Output for Accepted<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.may_answer::<T>(StatusCode::ACCEPTED);
    }
}

impl<T: JsonSchema> Output for Done<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.may_answer::<T>(StatusCode::OK);
        operation.may_answer::<T>(StatusCode::ACCEPTED);
    }
}

impl Output for NoContent {
    fn describe(operation: &mut Operation<'_>) {
        operation.answers.insert(StatusCode::NO_CONTENT.as_u16(), None);
    }
}

/// A handler whose types say what it takes and answers. `I` are its parameters.
pub(in crate::http) trait Described<I> {
    fn describe(operation: &mut Operation<'_>);
}

macro_rules! described {
    ($($input:ident)*) => {
        impl<F, Fut, O, $($input,)*> Described<($($input,)*)> for F
        where
            F: Fn($($input,)*) -> Fut,
            Fut: Future<Output = Result<O, ApiError>>,
            O: Output,
            $($input: Input,)*
        {
            fn describe(operation: &mut Operation<'_>) {
                $($input::describe(operation);)*
                O::describe(operation);
            }
        }
    };
}

described! { A B }
described! { A B C }
described! { A B C D }
described! { A B C D E }
