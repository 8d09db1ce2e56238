//! Of many who ask for the same at once one has it reckoned, and nobody hangs on one who went away.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use actix_web::{HttpResponse, web};
use futures_util::future::join_all;
use serde_json::json;
use tokio::{
    sync::Semaphore,
    time::{sleep, timeout},
};

use crate::{
    harness::{Bench, Client, Reply, Who, both},
    rows::{ORGANIZATIONS, create, organization},
};

const MANY: usize = 20;
/// Long enough for whoever can go on to have done so.
const A_WHILE: Duration = Duration::from_millis(100);

/// What reckons in place of ours: it says how often it was asked, and answers when it is let.
#[derive(Clone)]
struct Slow {
    asked: Arc<AtomicUsize>,
    gate: Arc<Semaphore>,
    answer: fn(usize) -> HttpResponse,
}

impl Slow {
    fn new(answer: fn(usize) -> HttpResponse) -> Self {
        Self { asked: Arc::default(), gate: Arc::new(Semaphore::new(0)), answer }
    }

    async fn before(&self, bench: &Bench) -> Bench {
        let slow = self.clone();
        let mount = move |config: &mut web::ServiceConfig| {
            let slow = slow.clone();
            let handler = move || {
                let slow = slow.clone();
                async move {
                    let number = slow.asked.fetch_add(1, Ordering::SeqCst);
                    slow.gate.acquire().await.unwrap().forget();
                    (slow.answer)(number)
                }
            };
            config.service(web::resource(ORGANIZATIONS).to(handler));
        };
        bench.behind_layers(&mount).await
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Lets so many answers out, once whoever can go on has done so.
    async fn answers(&self, many: usize) {
        sleep(A_WHILE).await;
        self.gate.add_permits(many);
    }
}

fn good(number: usize) -> HttpResponse {
    HttpResponse::Ok().insert_header(("etag", "W/\"reckoned\"")).json(json!({"number": number}))
}

async fn crowd(client: &Client, many: usize) -> Vec<Reply> {
    let all = join_all((0..many).map(|_| client.get(ORGANIZATIONS).glance()));
    timeout(Duration::from_secs(10), all).await.expect("nobody hangs")
}

/// How many of each number were answered; all with this status.
fn numbers(replies: &[Reply], status: u16) -> Vec<i64> {
    assert!(replies.iter().all(|reply| reply.status == status), "{replies:?}");
    let mut numbers: Vec<_> = replies.iter().map(|reply| reply.json()["number"].as_i64().unwrap()).collect();
    numbers.sort_unstable();
    numbers
}

#[actix_web::test]
async fn of_many_who_ask_at_once_one_has_it_reckoned() {
    both(async |bench| {
        let slow = Slow::new(good);
        let front = slow.before(&bench).await;
        let reader = front.sign_in(Who::Reader).await;
        let (replies, ()) = tokio::join!(crowd(&reader, MANY), slow.answers(MANY));
        assert_eq!((numbers(&replies, 200), slow.asked()), (vec![0; MANY], 1));
        assert_eq!(numbers(&crowd(&reader, MANY).await, 200), vec![0; MANY], "and it is kept");
        // Who has it already is told so.
        create(&bench.sign_in(Who::Coordinator).await, ORGANIZATIONS, organization("written")).await;
        let tagged = join_all((0..MANY).map(|_| reader.get(ORGANIZATIONS).header("if-none-match", "W/\"reckoned\"").glance()));
        let (replies, ()) = tokio::join!(tagged, slow.answers(MANY));
        assert_eq!((replies.iter().filter(|reply| reply.status == 304).count(), slow.asked()), (MANY, 2));
        // Ours, counted by what the service says of itself.
        let reader = bench.sign_in(Who::Reader).await;
        let misses = || bench.parts.store.metrics().cache_misses.get();
        let before = misses();
        let all = join_all((0..MANY).map(|_| reader.get("/v1/insights/coverage").glance())).await;
        assert!(all.iter().all(|reply| reply.status == 200 && reply.body == all[0].body));
        assert_eq!(misses() - before, 1);
    })
    .await;
}

#[actix_web::test]
async fn those_who_see_something_else_or_come_after_a_write_do_not_wait_for_it() {
    both(async |bench| {
        let slow = Slow::new(good);
        let front = slow.before(&bench).await;
        let (reader, country) = (front.sign_in(Who::Reader).await, front.sign_in(Who::Coordinator).await);
        let writer = bench.sign_in(Who::Coordinator).await;
        let later = async {
            sleep(A_WHILE).await;
            create(&writer, ORGANIZATIONS, organization("meanwhile")).await;
            let ((), replies) = tokio::join!(slow.answers(3), crowd(&reader, MANY));
            replies
        };
        let (first, second, third) = tokio::join!(crowd(&reader, MANY), crowd(&country, MANY), later);
        let mut one_each = [numbers(&first, 200), numbers(&second, 200), numbers(&third, 200)];
        one_each.sort();
        assert_eq!((one_each, slow.asked()), ([vec![0; MANY], vec![1; MANY], vec![2; MANY]], 3));
    })
    .await;
}

#[actix_web::test]
async fn when_the_one_goes_away_another_takes_its_place() {
    both(async |bench| {
        let slow = Slow::new(good);
        let front = slow.before(&bench).await;
        let reader = front.sign_in(Who::Reader).await;
        let gone = async { timeout(A_WHILE * 2, reader.get(ORGANIZATIONS).glance()).await.expect_err("it went away") };
        let others = async {
            sleep(A_WHILE).await;
            assert_eq!(slow.asked(), 1);
            crowd(&reader, MANY).await
        };
        let release = async {
            sleep(A_WHILE * 3).await;
            slow.answers(MANY).await;
        };
        let (_, replies, ()) = tokio::join!(gone, others, release);
        assert_eq!((numbers(&replies, 200), slow.asked()), (vec![1; MANY], 2));
    })
    .await;
}

#[actix_web::test]
async fn what_panics_or_fails_is_tried_by_the_next_and_what_is_refused_by_each() {
    let broken: fn(usize) -> HttpResponse = |number| match number {
        0 => panic!("it was the first"),
        1 => HttpResponse::ServiceUnavailable().json(json!({"number": number})),
        _ => good(number),
    };
    let refused: fn(usize) -> HttpResponse = |number| HttpResponse::NotFound().json(json!({"number": number}));
    both(async |bench| {
        let slow = Slow::new(broken);
        let reader = slow.before(&bench).await.sign_in(Who::Reader).await;
        let (replies, ()) = tokio::join!(crowd(&reader, MANY), slow.answers(MANY));
        let of = |status: u16| replies.iter().filter(|reply| reply.status == status).count();
        assert_eq!((of(500), of(503), of(200), slow.asked()), (1, 1, MANY - 2, 3));

        let slow = Slow::new(refused);
        let reader = slow.before(&bench).await.sign_in(Who::FocalPoint("moh")).await;
        // All but the one ask as soon as it is answered; each is let out only after all of them have asked.
        let together = async {
            slow.answers(1).await;
            sleep(A_WHILE).await;
            assert_eq!(slow.asked(), MANY);
            slow.answers(MANY).await;
        };
        let (replies, ()) = tokio::join!(crowd(&reader, MANY), together);
        assert_eq!(numbers(&replies, 404), (0..MANY as i64).collect::<Vec<_>>());
    })
    .await;
}

#[actix_web::test]
async fn nobody_waits_longer_than_a_request_may_take() {
    crate::harness::both_with(
        |settings| settings.request_timeout = Duration::from_secs(1),
        async |bench| {
            let slow = Slow::new(good);
            let reader = slow.before(&bench).await.sign_in(Who::Reader).await;
            let replies = crowd(&reader, MANY).await;
            assert!(replies.iter().all(|reply| reply.status == 503 && reply.code() == "too_slow"), "{replies:?}");
            let (replies, ()) = tokio::join!(crowd(&reader, MANY), slow.answers(MANY));
            assert!(replies.iter().all(|reply| reply.status == 200));
        },
    )
    .await;
}
