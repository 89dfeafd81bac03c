create schema notices;

-- Where a signed-in device takes pushes (RFC 8030): one a session. Dropped when the push service says it is gone, when it failed
-- often, and with the session.
create table notices.subscriptions (
    session_id uuid primary key,
    person_id uuid not null,
    endpoint text not null unique check (length(endpoint) <= 1000),
    p256dh bytea not null check (length(p256dh) = 65),
    auth bytea not null check (length(auth) = 16),
    shows_text boolean not null,
    failures integer not null default 0,
    created_at timestamptz not null
);
create index subscriptions_person on notices.subscriptions (person_id);

-- When a person wants none, in the operator's time zone; may run over midnight. Erased with the person.
create table notices.quiet_hours (
    person_id uuid primary key,
    quiet_from time not null,
    quiet_until time not null check (quiet_until <> quiet_from)
);
