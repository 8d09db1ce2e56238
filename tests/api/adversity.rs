//! Networks that lose everything in silence, servers that are replaced, and clients that give up: what is told stays true, and the service goes on.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use gcm_api::{
    auth::Role,
    clock::Clock,
    entity::{organization, revoked_token, session},
    features::access::enrol::{self, NewAccount},
    store::{Access, Engine, Intent, Options, Origin, Store},
};
use sea_orm::{ActiveValue::Set, Condition, QueryFilter as _, sea_query::Expr};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, UnixStream},
    sync::oneshot,
    time::{sleep, timeout},
};

use crate::{
    harness::{Bench, Who, both},
    rows::{ORGANIZATIONS, at, etag},
};

/// Stands between a process and its PostgreSQL, and can be a network that loses everything.
struct Proxy {
    url: String,
    made: Arc<AtomicUsize>,
    /// Connections below this number are lost in silence.
    lost: Arc<AtomicUsize>,
    /// The next COMMIT is carried out, and its answer lost with the connection.
    cut: Arc<AtomicBool>,
}

impl Proxy {
    async fn before(bench: &Bench) -> Self {
        let (address, folder) = bench.database_url().split_once("?host=").unwrap();
        let database = address.rsplit('/').next().unwrap();
        let socket = format!("{folder}/.s.PGSQL.5432");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("postgres://postgres@127.0.0.1:{}/{database}", listener.local_addr().unwrap().port());
        let proxy = Self { url, made: Arc::default(), lost: Arc::default(), cut: Arc::default() };
        let (made, lost, cut) = (Arc::clone(&proxy.made), Arc::clone(&proxy.lost), Arc::clone(&proxy.cut));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let number = made.fetch_add(1, Ordering::SeqCst);
                let server = UnixStream::connect(&socket).await.unwrap();
                let (lost, cut) = (Arc::clone(&lost), Arc::clone(&cut));
                let (mut from_client, mut to_client) = client.into_split();
                let (mut from_server, mut to_server) = server.into_split();
                let lost_too = Arc::clone(&lost);
                let back = tokio::spawn(async move {
                    let mut bytes = vec![0; 65536];
                    while let Ok(n @ 1..) = from_server.read(&mut bytes).await {
                        if number >= lost_too.load(Ordering::SeqCst) && to_client.write_all(&bytes[..n]).await.is_err() {
                            return;
                        }
                    }
                    if number < lost_too.load(Ordering::SeqCst) {
                        // Not even the end of the connection is heard of.
                        std::future::pending::<()>().await;
                    }
                });
                tokio::spawn(async move {
                    let mut bytes = vec![0; 65536];
                    while let Ok(n @ 1..) = from_client.read(&mut bytes).await {
                        if number < lost.load(Ordering::SeqCst) {
                            continue;
                        }
                        let commits = bytes[..n].windows(6).any(|part| part == b"COMMIT") && cut.swap(false, Ordering::SeqCst);
                        if commits {
                            back.abort();
                        }
                        if to_server.write_all(&bytes[..n]).await.is_err() {
                            return;
                        }
                        if commits {
                            sleep(Duration::from_millis(200)).await;
                            return;
                        }
                    }
                });
            }
        });
        proxy
    }

    fn lose(&self) {
        self.lost.store(self.made.load(Ordering::SeqCst), Ordering::SeqCst);
    }

    async fn store(&self) -> Store {
        let options = Options { url: self.url.clone(), readers: 4, access: Access::Write };
        Store::open(&options, Clock::system()).await.unwrap()
    }
}

fn person(name: &str) -> NewAccount {
    NewAccount {
        username: name.to_owned(),
        display_name: "Test".to_owned(),
        role: Role::Reader,
        organization_code: None,
        locale: "en".to_owned(),
        password_hash: None,
        demo: false,
    }
}

async fn enrol_one(store: &Store, name: &str) -> Result<(), gcm_api::problem::Problem> {
    let intent = Intent::system(Origin::CommandLine);
    store.write(&intent, async |tx| enrol::put_person(tx, person(name)).await.map(drop)).await.map(drop)
}

async fn goes_on_within(limit: Duration, what: &str, mut work: impl AsyncFnMut() -> Result<(), String>) {
    let began = Instant::now();
    let mut told = Vec::new();
    while began.elapsed() < limit {
        match timeout(Duration::from_secs(10), work()).await {
            Ok(Ok(())) => {
                crate::harness::note(&format!("{what}: goes on after {:?}, {told:?}", began.elapsed()));
                return;
            }
            Ok(Err(text)) => told.push(format!("{:?} {text}", began.elapsed())),
            Err(_) => told.push(format!("{:?} no answer in 10 s", began.elapsed())),
        }
        sleep(Duration::from_millis(500)).await;
    }
    panic!("{what}: {told:#?}");
}

#[actix_web::test]
async fn a_writer_whose_network_is_lost_goes_on() {
    both(async |bench| {
        if bench.engine != Engine::Postgres {
            return;
        }
        let proxy = Proxy::before(&bench).await;
        let store = proxy.store().await;
        enrol_one(&store, "first.of-all").await.unwrap();
        let intent = Intent::system(Origin::CommandLine);
        let lost = store.write(&intent, async |_tx| {
            proxy.lose();
            Ok(())
        });
        // As the front gives up on it, or the client hangs up.
        assert!(timeout(Duration::from_secs(3), lost).await.is_err(), "nobody answers");
        goes_on_within(Duration::from_secs(45), "a write", async || {
            enrol_one(&store, "second.one").await.map_err(|problem| format!("{:?} {}", problem.code(), problem.cause().unwrap_or_default()))
        })
        .await;
    })
    .await;
}

#[actix_web::test]
async fn a_listener_whose_network_is_lost_listens_again() {
    both(async |bench| {
        if bench.engine != Engine::Postgres {
            return;
        }
        let proxy = Proxy::before(&bench).await;
        let store = proxy.store().await;
        let listeners = async || {
            let sql = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'gcm-api listen'";
            bench.rows(sql).await.into_iter().map(|row| row["pid"].as_i64().unwrap()).collect::<Vec<_>>()
        };
        let others = listeners().await;
        store.listen();
        sleep(Duration::from_secs(1)).await;
        let before = listeners().await;
        assert!(before.len() > others.len());
        proxy.lose();
        goes_on_within(Duration::from_secs(45), "listening", async || {
            if listeners().await.iter().any(|pid| !before.contains(pid)) { Ok(()) } else { Err("nobody new".to_owned()) }
        })
        .await;
    })
    .await;
}

#[actix_web::test]
async fn readers_whose_network_is_lost_go_on() {
    both(async |bench| {
        if bench.engine != Engine::Postgres {
            return;
        }
        let proxy = Proxy::before(&bench).await;
        let store = proxy.store().await;
        let all = async || {
            let asked = (0..4).map(|_| timeout(Duration::from_secs(3), store.head()));
            futures_util::future::join_all(asked).await.into_iter().filter(|answer| matches!(answer, Ok(Ok(_)))).count()
        };
        assert_eq!(all().await, 4);
        proxy.lose();
        assert_eq!(all().await, 0);
        goes_on_within(Duration::from_secs(45), "a read", async || {
            store.head().await.map(drop).map_err(|problem| format!("{:?} {}", problem.code(), problem.cause().unwrap_or_default()))
        })
        .await;
    })
    .await;
}

#[actix_web::test]
async fn a_commit_whose_answer_was_lost_says_that_it_may_be_kept() {
    both(async |bench| {
        if bench.engine != Engine::Postgres {
            return;
        }
        let proxy = Proxy::before(&bench).await;
        let store = proxy.store().await;
        enrol_one(&store, "first.of-all").await.unwrap();
        proxy.cut.store(true, Ordering::SeqCst);
        let problem = enrol_one(&store, "second.one").await.unwrap_err();
        sleep(Duration::from_millis(300)).await;
        let there = bench.rows("SELECT username FROM account WHERE username = 'second.one'").await.len();
        let detail = problem.code().row().detail;
        crate::harness::note(&format!("{:?} there: {there}, detail: {detail:?}, cause {:?}", problem.code(), problem.cause()));
        assert_eq!(there, 1, "it was kept");
        assert!(detail.en.contains("not known"), "{detail:?}");
    })
    .await;
}

/// The server is replaced by one that lacks the last write: what a failover to a replica that lagged, or a restore, leaves.
#[actix_web::test]
async fn what_was_remembered_of_a_lost_future_is_not_told_after_a_failover() {
    both(async |bench| {
        if bench.engine != Engine::Postgres {
            return;
        }
        let (coordinator, reader) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::Reader).await);
        let moh = bench.organization("moh").await;
        reader.get("/v1/me").expect(200).await;
        sleep(Duration::from_millis(300)).await;
        let before = bench.rows("SELECT seq, hash, access_seq FROM change_head").await[0].clone();
        // The lost future: a name, and something about access.
        coordinator.patch(at(ORGANIZATIONS, &moh), etag(&moh), json!({"acronym": "LOST"})).expect(200).await;
        let intent = Intent::system(Origin::Api);
        let revoked = revoked_token::ActiveModel { jti: Set("any".to_owned()), expires_at: Set(bench.clock().now().plus_hours(1)) };
        bench.parts.store.write(&intent, async |tx| tx.put_private::<revoked_token::Entity>(revoked).await).await.unwrap();
        for client in [&reader, &coordinator] {
            assert_eq!(client.get(at(ORGANIZATIONS, &moh)).expect(200).await.json()["acronym"], "LOST");
        }
        // The failover.
        bench
            .behind(&format!(
                "UPDATE organization SET acronym = 'OLD', revision = 1 WHERE code = 'moh'; DELETE FROM change WHERE seq > {seq}; \
             DELETE FROM revoked_token; UPDATE change_head SET seq = {seq}, hash = '{hash}', access_seq = {access}; \
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
                seq = before["seq"],
                hash = before["hash"].as_str().unwrap(),
                access = before["access_seq"],
            ))
            .await;
        sleep(Duration::from_millis(2500)).await;
        // Another process, started since, writes as much as was lost.
        let fresh = bench.under(bench.settings.clone()).await;
        let there = fresh.sign_in(Who::Coordinator).await;
        there.patch(at(ORGANIZATIONS, &moh), etag(&moh), json!({"acronym": "NEW"})).expect(200).await;
        let account = reader.account_id();
        let ended = session::ActiveModel { ended_at: Set(Some(bench.clock().now())), ..Default::default() };
        let done = fresh.parts.store.write(&intent, async |tx| {
            let holder = tx.private_of(account, None)?;
            let ended = tx.update_private::<session::Entity>(holder, ended, Condition::all()).await?;
            assert!(ended > 0);
            Ok(())
        });
        done.await.unwrap();
        sleep(Duration::from_millis(1500)).await;
        let told = coordinator.get(at(ORGANIZATIONS, &moh)).expect(200).await.json()["acronym"].clone();
        let status = reader.get("/v1/me").send().await.status;
        crate::harness::note(&format!("told {told}, an ended session is answered with {status}"));
        assert_eq!((told, status), (json!("NEW"), 401));
    })
    .await;
}

#[actix_web::test]
async fn who_is_refused_for_what_another_wrote_can_see_what_that_is() {
    both(async |bench| {
        let store = &bench.parts.store;
        let (go, gate) = oneshot::channel::<()>();
        let first = enrol_one(store, "twice.the-same");
        let second = async {
            let refused = enrol_one(store, "twice.the-same").await.unwrap_err();
            let seen = bench.rows("SELECT username FROM account WHERE username = 'twice.the-same'").await.len();
            drop(go);
            (refused.code(), seen)
        };
        let intent = Intent::system(Origin::CommandLine);
        let third = store.write(&intent, async |_tx| {
            let _gone = timeout(Duration::from_secs(1), gate).await;
            Ok(())
        });
        let (one, (code, seen), three) = tokio::join!(first, second, third);
        crate::harness::note(&format!("{one:?} {code:?} seen {seen} {:?}", three.is_ok()));
        assert_eq!(seen, 1, "refused as {code:?} for a row that nobody can see");
    })
    .await;
}

#[actix_web::test]
async fn a_query_that_was_given_up_takes_nothing_from_the_next() {
    both(async |bench| {
        if bench.engine != Engine::Sqlite {
            return;
        }
        let options = Options { url: bench.database_url().to_owned(), readers: 1, access: Access::Read };
        let store = Store::open(&options, Clock::system()).await.unwrap();
        let counting = |n: u64| {
            let sql =
                format!("(WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {n}) SELECT count(*) FROM n) > 0");
            organization::Entity::all().filter(Expr::cust(sql))
        };
        let began = Instant::now();
        store.all(counting(300_000)).await.unwrap();
        let usual = began.elapsed();
        // Somebody asks for too much, and hangs up at once.
        assert!(timeout(Duration::from_millis(3), store.all(counting(2_000_000_000))).await.is_err());
        sleep(Duration::from_millis(2600)).await;
        let next = store.all(counting(300_000)).await.map(|rows| rows.len()).map_err(|problem| problem.code());
        crate::harness::note(&format!("usually {usual:?}, {next:?}"));
        assert!(next.is_ok(), "{next:?}");
    })
    .await;
}
