//! nativeMsg: what its Settings → Webhooks needs, at `/nativemsg/v1/webhooks…`. Its page describes a dashboard and no API,
//! so paths and forms are ours.

use axum::{Json, extract::State, http::StatusCode};
use hookseal::{Direction, Profile, Secret};
use serde::{Deserialize, Serialize};

use super::{
    outcome::Outcome,
    window::{Changed, Wanted, Window, read_webhook_id, webhook_id},
};
use crate::{
    error::ApiError,
    http::{
        AppState, Route,
        extract::{self, Id},
        list::ListView,
        moment,
        query::{FromText, Query, Text, given},
        routes::{delete, get, patch, post, put},
    },
    service::caller::Caller,
    store::{
        Endpoint,
        Scope::{Admin, Read, Send},
    },
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/nativemsg/v1/webhooks", Read, list),
        post("/nativemsg/v1/webhooks", Admin, create),
        get("/nativemsg/v1/webhooks/event-types", Read, event_types),
        get("/nativemsg/v1/webhooks/{id}", Read, show),
        patch("/nativemsg/v1/webhooks/{id}", Admin, change),
        put("/nativemsg/v1/webhooks/{id}", Admin, change),
        delete("/nativemsg/v1/webhooks/{id}", Admin, remove),
        get("/nativemsg/v1/webhooks/{id}/secret", Admin, reveal),
        post("/nativemsg/v1/webhooks/{id}/test", Send, test),
    ]
}

/// The body of "create", where neither may be missing, and of "change".
#[derive(Debug, Deserialize)]
struct Fields {
    url: Option<String>,
    events: Option<Vec<String>>,
}

/// The parameters of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ListWebhooks {
    direction: Option<Text<Way>>,
}

#[derive(Serialize)]
struct View {
    id: String,
    url: String,
    events: Vec<String>,
    direction: &'static str,
    /// Itself in the answer to "create" alone, else a mask.
    secret: String,
    status: &'static str,
    created_at: String,
}

#[derive(Serialize)]
struct Revealed {
    id: String,
    secret: String,
}

#[derive(Debug, Serialize)]
struct Removed {
    id: String,
    status: &'static str,
}

#[derive(Debug, Serialize)]
struct EventTypeView {
    #[serde(rename = "type")]
    event_type: &'static str,
    direction: Option<&'static str>,
}

async fn list(
    caller: Caller,
    State(state): State<AppState>,
    Query(wanted): Query<ListWebhooks>,
) -> Result<Json<ListView<View>>, ApiError> {
    let profile = WINDOW.profile()?;
    let mut all = WINDOW.all(&state, &caller).await?;
    if let Some(Way(wanted)) = given(wanted.direction) {
        all.retain(|endpoint| ways(endpoint, profile).any(|way| way == wanted));
    }
    let views = all.into_iter().map(|endpoint| View::new(endpoint, profile, None)).collect();
    Ok(Json(ListView::whole(views)))
}

async fn create(
    caller: Caller,
    State(state): State<AppState>,
    extract::Json(wanted): extract::Json<Fields>,
) -> Result<(StatusCode, Json<View>), ApiError> {
    let wanted = Wanted { url: wanted.url, events: wanted.events, ..Wanted::default() };
    let made = WINDOW.create(&state, &caller, wanted).await?;
    let view = View::new(made.endpoint, WINDOW.profile()?, made.secret);
    Ok((StatusCode::CREATED, Json(view)))
}

async fn event_types(_caller: Caller) -> Result<Json<ListView<EventTypeView>>, ApiError> {
    let known = WINDOW.profile()?.event_types().iter();
    let views = known.map(|known| EventTypeView {
        event_type: known.name,
        direction: known.direction.map(word),
    });
    Ok(Json(ListView::whole(views.collect())))
}

async fn show(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id,
) -> Result<Json<View>, ApiError> {
    let endpoint = WINDOW.find(&state, &caller, read_webhook_id(&id)).await?;
    Ok(Json(View::new(endpoint, WINDOW.profile()?, None)))
}

async fn change(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id,
    extract::Json(wanted): extract::Json<Fields>,
) -> Result<Json<View>, ApiError> {
    let changed = Changed { url: wanted.url, events: wanted.events, description: None };
    let endpoint = WINDOW.change(&state, &caller, read_webhook_id(&id), changed).await?;
    Ok(Json(View::new(endpoint, WINDOW.profile()?, None)))
}

async fn remove(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id,
) -> Result<Json<Removed>, ApiError> {
    let endpoint = WINDOW.delete(&state, &caller, read_webhook_id(&id)).await?;
    Ok(Json(Removed { id: webhook_id(endpoint.key), status: "removed" }))
}

async fn reveal(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id,
) -> Result<Json<Revealed>, ApiError> {
    let endpoint = WINDOW.find(&state, &caller, read_webhook_id(&id)).await?;
    let secret = state.endpoints.reveal_secret(&caller, &endpoint.key.to_string()).await?;
    Ok(Json(Revealed { id: webhook_id(endpoint.key), secret: secret.expose().to_owned() }))
}

async fn test(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id,
) -> Result<Json<Outcome>, ApiError> {
    let outcome = WINDOW.test(&state, &caller, read_webhook_id(&id)).await?;
    Ok(Json(outcome.into()))
}

impl View {
    fn new(endpoint: Endpoint, profile: &Profile, secret: Option<Secret>) -> Self {
        let goes = |way| ways(&endpoint, profile).any(|known| known == way);
        let direction = match (goes(Direction::Inbound), goes(Direction::Outbound)) {
            (true, false) => word(Direction::Inbound),
            (false, true) => word(Direction::Outbound),
            _ => "both",
        };
        Self {
            id: webhook_id(endpoint.key),
            direction,
            created_at: moment::text(endpoint.key.minted_at()),
            url: endpoint.url,
            events: endpoint.event_types,
            secret: secret.map_or_else(|| MASK.to_owned(), |secret| secret.expose().to_owned()),
            status: endpoint.state.as_str(),
        }
    }
}

/// The directions of what an endpoint wants. One that the native API made may want `*`, or beginnings of types.
fn ways<'a>(endpoint: &'a Endpoint, profile: &'a Profile) -> impl Iterator<Item = Direction> + 'a {
    let wants = |name: &str| {
        let patterns = crate::subscription::patterns_of(name);
        endpoint.event_types.iter().any(|wanted| patterns.contains(wanted))
    };
    let known = profile.event_types().iter().filter(move |known| wants(known.name));
    known.filter_map(|known| known.direction)
}

fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "inbound",
        Direction::Outbound => "outbound",
    }
}

/// A direction in a query.
#[derive(Clone, Copy, Debug)]
struct Way(Direction);

impl FromText for Way {
    const EXPECTED: &'static str = "`inbound` or `outbound`";

    fn from_text(text: &str) -> Option<Self> {
        [Direction::Inbound, Direction::Outbound]
            .into_iter()
            .find(|way| word(*way) == text)
            .map(Self)
    }
}

/// In place of a secret that nobody asked for.
const MASK: &str = "whsec_••••••••";
static WINDOW: Window = Window::new("nativemsg", "events");
