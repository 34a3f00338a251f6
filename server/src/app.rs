//! Puts the parts together: opens the data, starts what runs, and stops it in order.

use std::{
    fmt,
    fs::{self, File, Permissions, TryLockError},
    future::Future,
    io,
    net::SocketAddr,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
    sync::Arc,
};

use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use zeroize::Zeroizing;

use crate::{
    clock::{Clock, SystemClock},
    config::Config,
    dispatch::{Attempter, Dispatcher},
    guard::{HttpTransport, Resolver, SystemResolver, Transport},
    http::{BodyTimeout, Services, listen, router},
    luma::{Contacts, LumaConfig, Resend, routes::Luma},
    maintenance::Maintenance,
    rng::{Rng, SystemRng},
    seal::{MasterKey, SealError, Sealer},
    service::{
        account_settings::AccountSettings,
        accounts::Accounts,
        api_keys::ApiKeys,
        deliveries::Deliveries,
        endpoints::Endpoints,
        events::Events,
        inbound::{
            gateway::Gateway, known::Known, ledger::Ledger, published::KeyFetcher,
            sources::SourceBook,
        },
        readiness::Readiness,
        registry::Registry,
        tenants::Tenants,
    },
    store::{Engine, Queue, postgres::PostgresStore, sqlite::SqliteStore},
};

/// The world outside, passed in.
#[derive(Clone, Debug)]
pub struct Shell {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
    /// DNS.
    pub resolver: Arc<dyn Resolver>,
}

impl Default for Shell {
    /// The operating system's.
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock::new()),
            rng: Arc::new(SystemRng),
            resolver: Arc::new(SystemResolver),
        }
    }
}

/// A server that runs.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    new_key: Option<Zeroizing<String>>,
    stop: watch::Sender<bool>,
    http: JoinHandle<()>,
    dispatcher: JoinHandle<()>,
    maintenance: JoinHandle<()>,
    engine: Arc<dyn Engine>,
    /// Held until everything else has stopped: what is dropped last.
    _lock: Lock,
}

/// The lock of a data directory.
#[derive(Debug)]
pub(crate) struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Said aloud, because a child of this process that has not yet begun its own program would still hold it.
        let _ = self.0.unlock();
    }
}

impl Server {
    /// Opens the data and begins to listen and to deliver.
    ///
    /// # Errors
    /// [`ServerError`] that says what could not be had.
    pub async fn start(config: Config, shell: Shell) -> Result<Self, ServerError> {
        make_directory(&config.data)?;
        let lock = lock(&config.data)?;
        // Before anything is stored: a start that fails here can simply be repeated.
        let cannot_listen =
            |error| ServerError::new(format!("cannot listen on `{}`: {error}", config.listen));
        let listener = TcpListener::bind(&config.listen).await.map_err(cannot_listen)?;
        let address = listener.local_addr().map_err(cannot_listen)?;
        let Shell { clock, rng, resolver } = shell;
        let (engine, clock) = open(&config, &clock).await?;
        let sealer = match sealer(&config, &*engine, &*rng).await {
            Ok(sealer) => Arc::new(sealer),
            Err(error) => {
                // What is wrong is put right by a command that wants no server to be there.
                let _ = engine.leave().await;
                return Err(error);
            }
        };
        let accounts =
            Accounts::new(Arc::clone(&engine), Arc::clone(&clock), config.api_rate_limit);
        let chosen = config.admin_key.as_ref().map(|key| key.as_str());
        let new_key = accounts.bootstrap(chosen, &*rng).await.map_err(ServerError::new)?;
        let recovered = engine.recover(clock.now()).await.map_err(ServerError::new)?;
        if recovered > 0 {
            tracing::info!(
                deliveries = recovered,
                "attempts of the last run did not end, making them again"
            );
        }

        let resend = Resend::new(
            &config.luma,
            &config.egress,
            config.retry_delay_factor,
            &resolver,
            &clock,
        )?;
        let luma = luma(&config.luma, resend.is_some(), &engine, &clock).await?;
        let transport =
            HttpTransport::new(resolver, Arc::clone(&clock), config.guard.clone(), config.egress)
                .map_err(ServerError::new)?;
        let transport: Arc<dyn Transport> = Arc::new(transport);
        let attempter = Attempter {
            transport: Arc::clone(&transport),
            policy: config.guard.clone(),
            sealer: Arc::clone(&sealer),
            resend,
            retry_delay_factor: config.retry_delay_factor,
            disable_after: config.disable_after,
            clock: Arc::clone(&clock),
            rng: Arc::clone(&rng),
        };
        let queue: Arc<dyn Queue> = Arc::<dyn Engine>::clone(&engine);
        let dispatcher = Dispatcher::new(&queue, attempter, config.limits, Arc::clone(&clock));
        let maintenance = Maintenance {
            engine: Arc::clone(&engine),
            dispatcher: Arc::clone(&dispatcher),
            retention: config.retention,
            beat: config.node_lease / BEATS,
            clock: Arc::clone(&clock),
        };
        let accounts = Arc::new(accounts);
        let registry = Arc::new(Registry::new(Arc::clone(&engine), Arc::clone(&clock)));
        let known = Known::new(Arc::clone(&engine), Arc::clone(&sealer), Arc::clone(&clock));
        let known = Arc::new(known);
        let ledger = Ledger::new(
            Arc::clone(&engine),
            Arc::clone(&sealer),
            Arc::clone(&clock),
            Arc::clone(&rng),
        );
        let ledger = Arc::new(ledger);
        let services = Services {
            accounts: Arc::clone(&accounts),
            account_settings: Arc::new(AccountSettings {
                engine: Arc::clone(&engine),
                accounts: Arc::clone(&accounts),
                clock: Arc::clone(&clock),
                rng: Arc::clone(&rng),
            }),
            api_keys: Arc::new(ApiKeys {
                engine: Arc::clone(&engine),
                accounts: Arc::clone(&accounts),
                clock: Arc::clone(&clock),
                rng: Arc::clone(&rng),
            }),
            luma: Arc::new(luma),
            gateway: Arc::new(Gateway {
                engine: Arc::clone(&engine),
                known: Arc::clone(&known),
                ledger: Arc::clone(&ledger),
                sealer: Arc::clone(&sealer),
                rng: Arc::clone(&rng),
                keys: KeyFetcher {
                    transport,
                    policy: config.guard.clone(),
                    clock: Arc::clone(&clock),
                },
                public_url: config.public_url.clone(),
                clock: Arc::clone(&clock),
                room: Arc::default(),
            }),
            sources: Arc::new(SourceBook {
                engine: Arc::clone(&engine),
                known: Arc::clone(&known),
                ledger: Arc::clone(&ledger),
                sealer: Arc::clone(&sealer),
                clock: Arc::clone(&clock),
                rng: Arc::clone(&rng),
                public_url: config.public_url,
                changing: Arc::default(),
            }),
            deliveries: Arc::new(Deliveries {
                engine: Arc::clone(&engine),
                dispatcher: Arc::clone(&dispatcher),
                clock: Arc::clone(&clock),
            }),
            endpoints: Arc::new(Endpoints {
                engine: Arc::clone(&engine),
                policy: config.guard,
                sealer,
                dispatcher: Arc::clone(&dispatcher),
                clock: Arc::clone(&clock),
                rng,
            }),
            events: Arc::new(Events {
                engine: Arc::clone(&engine),
                dispatcher: Arc::clone(&dispatcher),
                clock: Arc::clone(&clock),
                max_data: config.max_body,
                registry: Arc::clone(&registry),
            }),
            room: Arc::default(),
            max_body: config.max_body,
            body_timeout: BodyTimeout(config.client_timeout),
            readiness: Arc::new(Readiness::new(Arc::clone(&engine), Arc::clone(&clock))),
            registry,
            tenants: Arc::new(Tenants {
                engine: Arc::clone(&engine),
                accounts,
                known,
                dispatcher: Arc::clone(&dispatcher),
                clock: Arc::clone(&clock),
            }),
        };

        let (stop, stopped) = watch::channel(false);
        let http = tokio::spawn(listen(
            listener,
            router(services.into(), &config.dialects),
            config.client_timeout,
            config.max_clients,
            clock,
            stopped.clone(),
        ));
        let dispatcher = tokio::spawn(dispatcher.run(stopped.clone()));
        let maintenance = tokio::spawn(async move {
            tokio::join!(maintenance.run(stopped.clone()), ledger.run(stopped));
        });
        Ok(Self { address, new_key, stop, http, dispatcher, maintenance, engine, _lock: lock })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The API key, when this start made one. It can be had only now; it opens the API already. As long as it is not
    /// used, each start makes another in its place.
    pub fn take_new_key(&mut self) -> Option<Zeroizing<String>> {
        self.new_key.take()
    }

    /// Runs until `stop` returns; then takes no more requests, lets those and the attempts that run end, and returns.
    ///
    /// # Errors
    /// [`ServerError`] when a part ended by itself.
    pub async fn run_until(mut self, stop: impl Future<Output = ()>) -> Result<(), ServerError> {
        let failed = tokio::select! {
            () = stop => None,
            () = self.engine.broken() => Some("the store cannot write any more, see the log".to_owned()),
            ended = &mut self.http => Some(format!("the listener ended: {ended:?}")),
            ended = &mut self.dispatcher => Some(format!("the dispatcher ended: {ended:?}")),
        };
        if let Some(message) = failed {
            return Err(ServerError::new(message));
        }
        tracing::info!("stopping");
        self.stop.send_replace(true);
        // Each keeps to a grace period of its own.
        let _ = tokio::join!(&mut self.http, &mut self.dispatcher, &mut self.maintenance);
        if let Err(error) = self.engine.leave().await {
            tracing::warn!(%error, "other nodes find out only later that this one has stopped");
        }
        tracing::info!("stopped");
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.http.abort();
        self.dispatcher.abort();
        self.maintenance.abort();
    }
}

/// Why a server did not start or did not go on.
#[derive(Debug)]
pub struct ServerError(String);

impl ServerError {
    pub(crate) fn new(message: impl fmt::Display) -> Self {
        Self(message.to_string())
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ServerError {}

fn make_directory(data: &Path) -> Result<(), ServerError> {
    let make = || {
        // Each new directory is named in its parent, which must be on disk like what is in it.
        let missing = data.ancestors().take_while(|path| !path.as_os_str().is_empty());
        let missing: Vec<_> = missing.take_while(|path| !path.exists()).collect();
        fs::DirBuilder::new().recursive(true).mode(0o700).create(data)?;
        missing.into_iter().try_for_each(sync_parent)
    };
    make().map_err(|error: io::Error| {
        ServerError::new(format!("cannot make the data directory `{}`: {error}", data.display()))
    })
}

fn sync_parent(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

/// Keeps other processes away from the data directory for as long as this is held.
pub(crate) fn lock(data: &Path) -> Result<Lock, ServerError> {
    let path = data.join(LOCK);
    let failed =
        |error: io::Error| ServerError::new(format!("cannot lock `{}`: {error}", path.display()));
    let open = || {
        let file = File::options().create(true).append(true).mode(0o600).open(&path)?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        Ok(file)
    };
    let file = open().map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(ServerError::new(format!(
            "another server runs on the data directory `{}`; stop it, or use another `--data`",
            data.display()
        ))),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// What Luma calls.
async fn luma(
    config: &LumaConfig,
    knows_the_way: bool,
    engine: &Arc<dyn Engine>,
    clock: &Arc<dyn Clock>,
) -> Result<Luma, ServerError> {
    let mut contacts = None;
    if let Some(audience) = config.resend_audience.clone().filter(|_| knows_the_way) {
        Contacts::prepare(&**engine).await.map_err(ServerError::new)?;
        let (engine, clock) = (Arc::clone(engine), Arc::clone(clock));
        contacts = Some(Contacts { engine, clock, audience });
    }
    Ok(Luma {
        webhook: config.webhook()?,
        contacts,
        missing: config.missing(),
        clock: Arc::clone(clock),
    })
}

/// The sealer, after a check that it opens what this data was sealed under.
async fn sealer(config: &Config, store: &dyn Engine, rng: &dyn Rng) -> Result<Sealer, ServerError> {
    let file = config.data.join(MASTER_KEY);
    let sealed = store.setting(KEY_CHECK).await.map_err(ServerError::new)?;
    let of_file = |error: SealError| {
        let message = format!(
            "master key file `{}`: {error}; restore the file, or set `HOOKSEAL_MASTER_KEY` to the key",
            file.display()
        );
        ServerError::new(message)
    };
    let key = match (&config.master_key, &sealed) {
        (Some(key), _) => key.clone(),
        // A new key would open nothing that is here, and would look like the one that is missing.
        (None, Some(_)) => MasterKey::load(&file).map_err(of_file)?,
        (None, None) => MasterKey::load_or_create(&file, rng).map_err(of_file)?,
    };
    let sealer = Sealer::new(&key);
    let sealed = match sealed {
        Some(sealed) => sealed,
        None => {
            let sealed =
                sealer.seal(KEY_CHECK.as_bytes(), KEY_CHECK, rng).map_err(ServerError::new)?;
            store.init_setting(KEY_CHECK, sealed).await.map_err(ServerError::new)?
        }
    };
    match sealer.open(&sealed, KEY_CHECK) {
        Ok(_) => Ok(sealer),
        Err(SealError::NotOurs) => Err(ServerError::new(format!(
            "the data was sealed under another master key; set `HOOKSEAL_MASTER_KEY` to that key, or restore `{}`; if `hookseal master-key rotate` was broken off, run it again",
            file.display()
        ))),
        Err(error) => Err(ServerError::new(error)),
    }
}

/// Opens the engine that the configuration names, and says whose time counts from now on.
pub(crate) async fn open(
    config: &Config,
    clock: &Arc<dyn Clock>,
) -> Result<(Arc<dyn Engine>, Arc<dyn Clock>), ServerError> {
    match &config.database_url {
        None => {
            let store = SqliteStore::open(&config.data.join(DATABASE)).map_err(ServerError::new)?;
            Ok((Arc::new(store), Arc::clone(clock)))
        }
        Some(url) => {
            let lease = i64::try_from(config.node_lease.as_millis()).unwrap_or(i64::MAX);
            let store = PostgresStore::open_with_lease(url, Arc::clone(clock), lease);
            let store = store.await.map_err(ServerError::new)?;
            let clock = store.clock();
            Ok((Arc::new(store), clock))
        }
    }
}

/// Heartbeats within the lease of a node.
const BEATS: u32 = 5;
const DATABASE: &str = "hookseal.db";
const LOCK: &str = "hookseal.lock";
/// The key file, in the data directory.
pub(crate) const MASTER_KEY: &str = "master.key";
/// Both the setting's name and what it is sealed for.
pub(crate) const KEY_CHECK: &str = "master_key_check";
