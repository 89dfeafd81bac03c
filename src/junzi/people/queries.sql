-- name: insert_person(id, handle, name, avatar, locale, password_hash, at)^
-- A new person, unless the handle is in use.
insert into people.persons (id, handle, name, avatar, locale, password_hash, natural_person_id, created_at)
values (:id, :handle, :name, :avatar, :locale, :password_hash, :id, :at)
on conflict (handle) do nothing returning id;

-- name: person(id)^
-- What anybody may see of a person.
select id, handle, name, avatar from people.persons where id = :id;

-- name: natural_person(id)$
-- The natural person behind an account: coupons count by it.
select natural_person_id from people.persons where id = :id;

-- name: standings(ids)
-- The same for several at once, with when they came.
select id, natural_person_id, created_at as since from people.persons where id = any(:ids::uuid[]);

-- name: persons(ids)
-- The same for several at once.
select id, handle, name, avatar from people.persons where id = any(:ids::uuid[]);

-- name: person_by_handle(handle)^
-- The same by exact handle, in lower case.
select id, handle, name, avatar from people.persons where handle = :handle;

-- name: persons_by_handle(handles)
-- The same for several at once.
select id, handle, name, avatar from people.persons where handle = any(:handles::text[]);

-- name: me(id)^
-- What a person sees of themself.
select id, handle, name, avatar, locale, pin_hash is not null as has_pin, created_at from people.persons where id = :id;

-- name: password_of(handle)^
-- Whom a handle belongs to and the hash of their password.
select id, password_hash from people.persons where handle = :handle;

-- name: change_profile(id, name, avatar, locale)!
-- Change what is given, leave the rest.
update people.persons set
    name = coalesce(:name::text, name), avatar = coalesce(:avatar::integer, avatar), locale = coalesce(:locale::text, locale)
where id = :id;

-- name: insert_session(id, person_id, token_hash, device, at)!
-- A device signs in.
insert into people.sessions (id, person_id, token_hash, device, created_at, seen_at)
values (:id, :person_id, :token_hash, :device, :at, :at);

-- name: sessions_by_token(token_hashes)
-- The sessions that tokens belong to.
select s.token_hash, s.id, s.person_id, s.seen_at, p.last_active_date
from people.sessions s join people.persons p on p.id = s.person_id where s.token_hash = any(:token_hashes::bytea[]);

-- name: keep_latest_sessions(person_id, most)!
-- Sign out the devices beyond that many that were not seen for longest.
delete from people.sessions where person_id = :person_id and id in (
    select id from people.sessions where person_id = :person_id order by seen_at desc, id desc offset :most);

-- name: touch_sessions(ids, at)
-- These devices were seen; says whose they are, but for those whose session is over. In one order for everybody.
update people.sessions s set seen_at = greatest(s.seen_at, :at)
from (select id from people.sessions where id = any(:ids::uuid[]) order by id for update) held
where s.id = held.id returning s.id, s.person_id;

-- name: mark_active(person_ids, business_date)
-- These people are active on that day; answers those who were not before. In one order for everybody.
update people.persons p set last_active_date = :business_date
from (select id from people.persons where id = any(:person_ids::uuid[])
    and (last_active_date is null or last_active_date < :business_date) order by id for update) held
where p.id = held.id and (p.last_active_date is null or p.last_active_date < :business_date) returning p.id;

-- name: sessions_of(person_id)
-- A person's devices, the latest seen first.
select id, device, created_at, seen_at from people.sessions where person_id = :person_id order by seen_at desc, id desc;

-- name: delete_session(id, person_id)^
-- Sign a device out; answers when there was one.
delete from people.sessions where id = :id and person_id = :person_id returning id;

-- name: make_attempts(subjects, at)!
-- Let a row exist for each subject, so that it can be locked.
insert into people.attempts (subject, failures, last_at)
select s, 0, :at::timestamptz from unnest(:subjects::text[]) s on conflict do nothing;

-- name: lock_attempts(subjects)
-- The subjects' failed tries, locked in one order.
select subject, failures, retry_at, last_at from people.attempts
where subject = any(:subjects::text[]) order by subject for update;

-- name: set_attempts(subject, failures, retry_at, at)!
-- Count a try.
update people.attempts set failures = :failures, retry_at = :retry_at, last_at = :at where subject = :subject;

-- name: give_back_attempt(subject)!
-- A try that was counted beforehand succeeded.
update people.attempts set failures = greatest(failures - 1, 0), retry_at = null where subject = :subject;

-- name: forget_attempts(subject)!
-- Somebody signed in: their failed tries are forgotten.
delete from people.attempts where subject = :subject;

-- name: lock_pins(ids)
-- PINs as they stand, locked in one order for everybody.
select id, pin_hash, pin_key_id, pin_failures as failures, pin_lockouts as lockouts, pin_locked_until as locked_until
from people.persons where id = any(:ids::uuid[]) order by id for update;

-- name: pin_state(id)^
-- The same to look at.
select pin_hash, pin_key_id, pin_failures as failures, pin_lockouts as lockouts, pin_locked_until as locked_until
from people.persons where id = :id;

-- name: set_pin_states(ids, failures, lockouts, locked_until)!
-- Count tries, of people who are locked already.
update people.persons p set pin_failures = n.failures, pin_lockouts = n.lockouts, pin_locked_until = n.locked_until
from unnest(:ids::uuid[], :failures::integer[], :lockouts::integer[], :locked_until::timestamptz[])
    n (id, failures, lockouts, locked_until) where p.id = n.id;

-- name: forget_pin_failures(ids)!
-- These people knew their PIN; they are held in the one order of everybody.
update people.persons p set pin_failures = 0, pin_lockouts = 0, pin_locked_until = null
from (select id from people.persons where id = any(:ids::uuid[]) order by id for update) held where p.id = held.id;

-- name: set_pin(id, pin_hash, pin_key_id)!
-- A new PIN; failures are forgotten.
update people.persons set
    pin_hash = :pin_hash, pin_key_id = :pin_key_id, pin_failures = 0, pin_lockouts = 0, pin_locked_until = null
where id = :id;

-- name: set_first_pin(id, pin_hash, pin_key_id)^
-- The first PIN, unless there is one.
update people.persons set pin_hash = :pin_hash, pin_key_id = :pin_key_id
where id = :id and pin_hash is null returning id;

-- name: drop_sessions_before(oldest)!
-- Forget devices that have not been seen for long.
delete from people.sessions where seen_at <= :oldest;

-- name: drop_attempts_before(oldest)!
-- Forget failed tries of the past.
delete from people.attempts where last_at <= :oldest;

-- name: live_sessions(ids)
-- Which of these sessions are not over.
select id from people.sessions where id = any(:ids::uuid[]);

-- name: insert_sign_in(id, code_hash, browser_hash, device, address, at, expires_at)!
-- A browser waits for a phone.
insert into people.sign_ins (id, code_hash, browser_hash, device, address, created_at, expires_at)
values (:id, :code_hash, :browser_hash, :device, :address, :at, :expires_at);

-- name: sign_ins_from(address, since)$
-- How many browsers of an address began to wait.
select count(*) from people.sign_ins where address = :address and created_at > :since;

-- name: sign_ins_by_browser(browser_hashes)
-- How it stands with waiting browsers, with who has seen their codes.
select s.browser_hash, s.id, s.device, s.address, s.created_at, s.expires_at, s.seen_by, s.decision, p.name
from people.sign_ins s left join people.persons p on p.id = s.seen_by where s.browser_hash = any(:browser_hashes::bytea[]);

-- name: lock_sign_in_of_code(code_hash)^
-- The waiting browser that shows a code, locked.
select id, device, address, created_at, expires_at, seen_by, decision from people.sign_ins where code_hash = :code_hash for update;

-- name: lock_sign_in_of_browser(browser_hash)^
-- The waiting browser itself, locked.
select id, device, address, created_at, expires_at, seen_by, decision from people.sign_ins
where browser_hash = :browser_hash for update;

-- name: set_sign_in(id, seen_by, decision)!
-- A phone has seen the code, or decided.
update people.sign_ins set seen_by = :seen_by, decision = :decision where id = :id;

-- name: drop_sign_ins_before(oldest)!
-- Forget browsers that waited before then.
delete from people.sign_ins where created_at < :oldest;
