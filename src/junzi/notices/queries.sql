-- name: put_subscription(session_id, person_id, endpoint, p256dh, auth, shows_text, at)!
-- A device takes pushes there from now on; an endpoint is one device's, whoever used it before.
with replaced as (delete from notices.subscriptions where endpoint = :endpoint and session_id <> :session_id)
insert into notices.subscriptions (session_id, person_id, endpoint, p256dh, auth, shows_text, created_at)
values (:session_id, :person_id, :endpoint, :p256dh, :auth, :shows_text, :at)
on conflict (session_id) do update
set endpoint = excluded.endpoint, p256dh = excluded.p256dh, auth = excluded.auth, shows_text = excluded.shows_text, failures = 0;

-- name: subscription(session_id)^
-- Where a device takes pushes.
select session_id, person_id, endpoint, p256dh, auth, shows_text from notices.subscriptions where session_id = :session_id;

-- name: subscriptions_of(person_ids)
-- Where the devices of these people take pushes, with their quiet hours.
select s.session_id, s.person_id, s.endpoint, s.p256dh, s.auth, s.shows_text, q.quiet_from, q.quiet_until
from notices.subscriptions s left join notices.quiet_hours q on q.person_id = s.person_id
where s.person_id = any(:person_ids::uuid[]);

-- name: delete_subscriptions(session_ids)!
-- These devices take none any more.
delete from notices.subscriptions where session_id = any(:session_ids::uuid[]);

-- name: note_push(session_id, failed, most_failures)!
-- A push arrived at the service, or did not; one that failed too often in a row is dropped.
with dropped as (
    delete from notices.subscriptions where session_id = :session_id and :failed and failures + 1 >= :most_failures
)
update notices.subscriptions set failures = case when :failed then failures + 1 else 0 end
where session_id = :session_id and (:failed or failures > 0) and not (:failed and failures + 1 >= :most_failures);

-- name: put_quiet_hours(person_id, quiet_from, quiet_until)!
-- When a person wants no pushes.
insert into notices.quiet_hours (person_id, quiet_from, quiet_until) values (:person_id, :quiet_from, :quiet_until)
on conflict (person_id) do update set quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until;

-- name: delete_quiet_hours(person_id)!
-- They want them at every hour.
delete from notices.quiet_hours where person_id = :person_id;

-- name: quiet_hours(person_id)^
-- When a person wants no pushes.
select quiet_from, quiet_until from notices.quiet_hours where person_id = :person_id;
