//! The HTTP APIs of four systems: their paths, bodies and errors over the services of the native API.
//!
//! A dialect sees the endpoints of its own profile, out of those that the caller's key sees, and nothing else: an id of
//! anything else is answered with 404. What the native API can do beside, it can do with endpoints of a dialect too.
//!
//! **Invariant.** No two dialects, nor a dialect and the native API, have a path in common: all can be on at once.

mod ainative;
mod naive;
mod nativemsg;
mod outcome;
mod required;
mod window;
mod yativo;

use axum::Router;

use crate::{
    error::{ApiCode, ApiError},
    http::{AppState, Route},
    luma,
    store::word::words,
};

words! {
    /// A system whose API is served.
    Dialect {
        /// ainative (ZeroDB): `/api/v1/webhooks/…`, and what Luma calls there.
        Ainative = "ainative",
        /// naive: `/v1/webhooks…` and `/v1/users/{user_id}/webhooks…`.
        Naive = "naive",
        /// nativeMsg: `/nativemsg/v1/webhooks…`.
        Nativemsg = "nativemsg",
        /// yativo: `/webhook/…`.
        Yativo = "yativo",
    }
}

impl Dialect {
    /// The table of its routes: what is not there is not there. Each is served with and without a slash at its end.
    #[must_use]
    pub fn routes(self) -> Vec<Route> {
        match self {
            Self::Ainative => ainative::routes(),
            Self::Naive => naive::routes(),
            Self::Nativemsg => nativemsg::routes(),
            Self::Yativo => yativo::routes(),
        }
    }
}

/// The routes of these dialects behind their gates.
pub(crate) fn router(dialects: &[Dialect], state: &AppState) -> Router<AppState> {
    dialects.iter().fold(Router::new(), |all, dialect| {
        let routes = dialect.routes().into_iter().fold(Router::new(), |router, route| {
            let path = route.path;
            let other = path.strip_suffix('/').map_or_else(|| format!("{path}/"), str::to_owned);
            let handler = route.gated(state);
            router.route(path, handler.clone()).route(&other, handler)
        });
        let routes = routes.method_not_allowed_fallback(|| async {
            ApiError::new(ApiCode::MethodNotAllowed, "the path does not take this method")
        });
        all.merge(match dialect {
            Dialect::Ainative => ainative::with_errors(routes.merge(luma::routes::router())),
            _ => routes,
        })
    })
}
