-- name: town()^
-- The operator this database belongs to.
select name, currency, time_zone, demo, created_at from kit.town;

-- name: found_town(name, currency, time_zone, demo, at)!
-- Make the operator's row; an existing one stays.
insert into kit.town (name, currency, time_zone, demo, created_at)
values (:name, :currency, :time_zone, :demo, :at) on conflict do nothing;

-- name: demo_filled_at()$
-- When the demo town's history was complete; null before that.
select demo_filled_at from kit.town;

-- name: set_demo_filled(at)!
-- The demo town's history is complete.
update kit.town set demo_filled_at = :at where demo;

-- name: latest_event_at()$
-- When the newest stored event happened.
select max(at) from kit.outbox;

-- name: store_event(id, day, type, payload, at)!
-- Store what happened.
insert into kit.outbox (id, day, type, payload, at, due_at) values (:id, :day, :type, :payload, :at, :at);

-- name: store_events(ids, types, payloads, day, at)!
-- Store several things that happened, in their order.
insert into kit.outbox (id, day, type, payload, at, due_at)
select e.id, :day, e.type, e.payload, :at, :at
from unnest(:ids::uuid[], :types::text[], :payloads::jsonb[]) with ordinality e (id, type, payload, place) order by e.place;

-- name: pending_events(at, most)
-- What is due for delivery, oldest first.
select day, seq, id, type, payload, at, attempts from kit.outbox
where delivered_at is null and due_at <= :at order by seq limit :most;

-- name: mark_delivered(days, seqs, at)!
-- These were taken by every listener.
update kit.outbox o set delivered_at = :at
from unnest(:days::date[], :seqs::bigint[]) d (day, seq) where o.day = d.day and o.seq = d.seq;

-- name: postpone_event(day, seq, due_at)!
-- A listener failed: try again later.
update kit.outbox set attempts = attempts + 1, due_at = :due_at where day = :day and seq = :seq;

-- name: undelivered_count()$
-- How many events wait, for the metrics.
select count(*) from kit.outbox where delivered_at is null;

-- name: refused_count()$
-- Events that a listener refused and that are tried again.
select count(*) from kit.outbox where delivered_at is null and attempts > 0;

-- name: wait_briefly()$
-- In this transaction, wait for no lock longer than others can wait behind it.
select set_config('lock_timeout', '1s', true);

-- name: keep_days_alone()$
-- In this transaction, nobody else makes room or forgets at the same time.
select pg_advisory_xact_lock(hashtext('kit.outbox.days'));

-- name: open_outbox_day(day)$
-- Make room for a day's events.
select kit.outbox_open_day(:day);

-- name: drop_outbox_before(day)$
-- Forget delivered events of days before this one.
select kit.outbox_drop_before(:day);

-- name: claim_key(person_id, key, action, body_hash, intent_id, at)^
-- Bind a person's key to an intent unless it is bound already.
insert into kit.idempotency (person_id, key, action, body_hash, intent_id, at)
values (:person_id, :key, :action, :body_hash, :intent_id, :at)
on conflict (person_id, key) do nothing returning intent_id;

-- name: key_holder(person_id, key)^
-- What the key stands for.
select action, body_hash, intent_id from kit.idempotency where person_id = :person_id and key = :key;

-- name: claim_keys(person_ids, keys, actions, body_hashes, intent_ids, at)
-- Bind several keys, in one order for everybody; says which were not bound already.
insert into kit.idempotency (person_id, key, action, body_hash, intent_id, at)
select k.person_id, k.key, k.action, k.body_hash, k.intent_id, :at
from unnest(:person_ids::uuid[], :keys::text[], :actions::text[], :body_hashes::bytea[], :intent_ids::uuid[])
    with ordinality k (person_id, key, action, body_hash, intent_id, place)
order by k.person_id, k.key, k.place on conflict do nothing returning intent_id;

-- name: key_holders(person_ids, keys)
-- What keys stand for; some of the answers may be of one person and another's key.
select person_id, key, action, body_hash, intent_id from kit.idempotency
where person_id = any(:person_ids::uuid[]) and key = any(:keys::text[]);

-- name: free_keys(person_ids, keys)!
-- Let go of keys that were bound a moment ago.
delete from kit.idempotency i using unnest(:person_ids::uuid[], :keys::text[]) k (person_id, key)
where i.person_id = k.person_id and i.key = k.key;

-- name: forget_keys(before)!
-- Forget keys that were used before then.
delete from kit.idempotency where at < :before;
