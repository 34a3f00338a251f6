//! A new master key: what was sealed under the old one is sealed anew, in one transaction.
//!
//! **Invariants.** At any moment, what is in the key file, or in the file beside it, opens what is stored. The steps are: a
//! new key is on disk; all secrets are sealed under it, with one commit; the new key file takes the place of the old one.
//! After a crash between any two, the same call goes on where the last one ended. No other process of this data directory
//! runs meanwhile; with a shared database, all servers have to be stopped, and one that was not is found out: by its lease
//! before, by what it changed after.

use std::{
    fs::{self, File},
    io, iter,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    app::{KEY_CHECK, MASTER_KEY, ServerError, lock, open},
    clock::{Clock, SystemClock},
    config::Config,
    rng::Rng,
    seal::{MasterKey, SealError, Sealer},
    store::{
        EndpointKey, Engine, Resealed, SealedSecret, SecretKind, Secrets, SourceKey, StoreError,
        Target,
    },
};

/// What a rotation did.
#[derive(Debug)]
pub struct Rotated {
    /// Secrets that were sealed anew; none when a former run had done so already.
    pub secrets: usize,
    /// Where the new key is, unless it was given.
    pub file: Option<PathBuf>,
    /// A key file that only backups of before need.
    pub stale: Option<PathBuf>,
}

/// Seals all that `config` names under another master key: `new`, or one that is made, in the file `master.key`.
///
/// # Errors
/// [`ServerError`] that says what to do. Nothing is lost; the call can be repeated.
pub async fn rotate(
    config: &Config,
    new: Option<MasterKey>,
    rng: &dyn Rng,
) -> Result<Rotated, ServerError> {
    let _lock = lock(&config.data)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let (engine, _) = open(config, &clock).await?;
    engine.heartbeat().await.map_err(ServerError::new)?;
    if engine.nodes() > 1 {
        engine.leave().await.map_err(ServerError::new)?;
        return Err(ServerError::new(
            "another server of this database runs; stop all of them and run this again; one that was killed counts for some seconds more",
        ));
    }
    let rotated = rotate_all(config, new, rng, &*engine).await;
    engine.leave().await.map_err(ServerError::new)?;
    rotated
}

async fn rotate_all(
    config: &Config,
    new: Option<MasterKey>,
    rng: &dyn Rng,
    engine: &dyn Engine,
) -> Result<Rotated, ServerError> {
    let check = engine.setting(KEY_CHECK).await.map_err(ServerError::new)?;
    let check = check.ok_or_else(|| {
        ServerError::new("nothing is sealed here yet; the first start of the server takes any key")
    })?;
    let files = Files::of(&config.data);
    let given = new.is_some();
    let known = files.known(config)?;
    let new = match new {
        Some(new) => new,
        None => MasterKey::load_or_create(&files.next, rng)
            .map_err(|error| unusable(&files.next, &error))?,
    };
    let change = Change { engine, known, new: Sealer::new(&new), rng };
    let secrets = change.run(&check, &files.current).await?;
    if change.pass(Vec::new()).await? > 0 {
        return Err(running());
    }
    let old = files.finish(given).map_err(|error| {
        ServerError::new(format!(
            "cannot put the new key file in its place, run this again: {error}"
        ))
    })?;
    let file = (!given).then(|| files.current.clone());
    let stale = old.or_else(|| (given && files.current.exists()).then_some(files.current));
    Ok(Rotated { secrets, file, stale })
}

/// The key files of a data directory.
struct Files {
    current: PathBuf,
    /// The new key, until everything is sealed under it.
    next: PathBuf,
}

impl Files {
    fn of(data: &Path) -> Self {
        Self { current: data.join(MASTER_KEY), next: data.join(NEXT) }
    }

    /// What secrets may be sealed under: the given key, or else those of the files that are there.
    fn known(&self, config: &Config) -> Result<Vec<Sealer>, ServerError> {
        if let Some(given) = &config.master_key {
            return Ok(vec![Sealer::new(given)]);
        }
        let there = [&self.current, &self.next].into_iter().filter(|path| path.exists());
        let load = |path: &PathBuf| MasterKey::load(path).map_err(|error| unusable(path, &error));
        there.map(|path| load(path).map(|key| Sealer::new(&key))).collect()
    }

    /// Puts the new key file in the place of the old one, which is kept. Where the new key was given, only a next file of a
    /// former run is removed.
    fn finish(&self, given: bool) -> io::Result<Option<PathBuf>> {
        let old = match (given, self.next.exists()) {
            (true, true) => fs::remove_file(&self.next).map(|()| None)?,
            (false, _) => {
                let old = self.current.exists().then(|| self.keep()).transpose()?;
                fs::rename(&self.next, &self.current)?;
                old
            }
            (true, false) => return Ok(None),
        };
        self.current.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all())?;
        Ok(old)
    }

    /// Gives the key file another name besides: backups of before need it.
    fn keep(&self) -> io::Result<PathBuf> {
        let key = fs::read(&self.current)?;
        let names = (2_u32..).map(|number| format!("{OLD}.{number}"));
        for name in iter::once(OLD.to_owned()).chain(names) {
            let old = self.current.with_file_name(name);
            match fs::hard_link(&self.current, &old) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    // A former run that was broken off may have kept it.
                    if fs::read(&old)? == key {
                        return Ok(old);
                    }
                }
                linked => return linked.map(|()| old),
            }
        }
        Err(io::Error::other("there are too many old key files"))
    }
}

/// From the keys that are known to the new one.
struct Change<'a> {
    engine: &'a dyn Engine,
    known: Vec<Sealer>,
    new: Sealer,
    rng: &'a dyn Rng,
}

impl Change<'_> {
    /// Seals everything anew, in one transaction. Returns how many secrets.
    async fn run(&self, check: &[u8], file: &Path) -> Result<usize, ServerError> {
        let changed = self.anew(check, KEY_CHECK).map_err(|error| match error {
            SealError::NotOurs => ServerError::new(format!(
                "the data was sealed under another master key; set `HOOKSEAL_MASTER_KEY` to that key, or restore `{}`",
                file.display()
            )),
            other => ServerError::new(other),
        })?;
        self.pass(changed.map(|sealed| (KEY_CHECK.to_owned(), sealed)).into_iter().collect()).await
    }

    /// Stores these settings, and all secrets that are not yet sealed under the new key. Returns how many secrets.
    async fn pass(&self, settings: Vec<(String, Vec<u8>)>) -> Result<usize, ServerError> {
        let anew = Resealed {
            settings,
            endpoints: self.endpoints().await?,
            sources: self.sources().await?,
        };
        let count = anew.endpoints.len() + anew.sources.len();
        if count > 0 || !anew.settings.is_empty() {
            self.engine.reseal(anew).await.map_err(|error| match error {
                StoreError::Stale => running(),
                other => ServerError::new(other),
            })?;
        }
        Ok(count)
    }

    async fn endpoints(&self) -> Result<Vec<(EndpointKey, i64, Secrets)>, ServerError> {
        let (mut after, mut changed) = (None, Vec::new());
        loop {
            let targets = self.engine.all_targets(after, PAGE).await.map_err(ServerError::new)?;
            let Some(last) = targets.last() else { return Ok(changed) };
            after = Some(last.endpoint.key);
            for Target { endpoint, secrets } in &targets {
                if let Some(anew) = self.secrets(secrets, &endpoint.key.to_string())? {
                    changed.push((endpoint.key, endpoint.version, anew));
                }
            }
        }
    }

    async fn sources(&self) -> Result<Vec<(SourceKey, Vec<u8>)>, ServerError> {
        let (mut after, mut changed) = (None, Vec::new());
        loop {
            let sources = self.engine.all_sources(after, PAGE).await.map_err(ServerError::new)?;
            let Some(last) = sources.last() else { return Ok(changed) };
            after = Some(last.key);
            for source in &sources {
                let id = source.key.to_string();
                let anew = self.anew(&source.sealed, &id).map_err(|error| {
                    ServerError::new(format!("source `{id}`: {error}; nothing was changed"))
                })?;
                changed.extend(anew.map(|sealed| (source.key, sealed)));
            }
        }
    }

    /// The secrets of an endpoint under the new key; `None` where they are already.
    fn secrets(
        &self,
        secrets: &Secrets,
        endpoint_id: &str,
    ) -> Result<Option<Secrets>, ServerError> {
        let anew = |secret: &SealedSecret| match secret.kind {
            SecretKind::None => Ok(None),
            _ => self.anew(&secret.sealed, endpoint_id),
        };
        let odd = |error| {
            ServerError::new(format!("endpoint `{endpoint_id}`: {error}; nothing was changed"))
        };
        let current = anew(&secrets.current).map_err(odd)?;
        let previous = match &secrets.previous {
            Some((secret, _)) => anew(secret).map_err(odd)?,
            None => None,
        };
        if current.is_none() && previous.is_none() {
            return Ok(None);
        }
        let mut secrets = secrets.clone();
        if let Some(sealed) = current {
            secrets.current.sealed = sealed;
        }
        if let (Some((secret, _)), Some(sealed)) = (&mut secrets.previous, previous) {
            secret.sealed = sealed;
        }
        Ok(Some(secrets))
    }

    /// The same, sealed under the new key; `None` where it is already.
    fn anew(&self, sealed: &[u8], purpose: &str) -> Result<Option<Vec<u8>>, SealError> {
        if self.new.open(sealed, purpose).is_ok() {
            return Ok(None);
        }
        let opened = self.known.iter().find_map(|known| known.open(sealed, purpose).ok());
        let opened = opened.ok_or(SealError::NotOurs)?;
        self.new.seal(&opened, purpose, self.rng).map(Some)
    }
}

fn running() -> ServerError {
    ServerError::new(
        "a server changed endpoints meanwhile; stop all servers of this database and run this again",
    )
}

fn unusable(file: &Path, error: &SealError) -> ServerError {
    ServerError::new(format!("master key file `{}`: {error}", file.display()))
}

const NEXT: &str = "master.key.next";
const OLD: &str = "master.key.old";
const PAGE: u32 = 1000;
