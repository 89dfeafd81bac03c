create schema chat;

-- Codes by which a group is joined: the hash of what stands in the QR code. One a person and group; over after a week.
create table chat.invitations (
    token_hash bytea primary key,
    group_id uuid not null,
    inviter_id uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    unique (group_id, inviter_id)
);
create index invitations_expires on chat.invitations (expires_at);

-- To whom somebody who is no friend began to write. Bounds how many a day; kept a week.
create table chat.requests (
    from_id uuid not null,
    to_id uuid not null,
    at timestamptz not null,
    primary key (from_id, to_id)
);
create index requests_at on chat.requests (from_id, at);

-- What people put before the operator. messages: the chosen ones as they were read, and no others. Kept a year after it is closed.
create table chat.reports (
    id uuid primary key,
    reporter_id uuid not null,
    conversation_id uuid not null,
    reason text not null check (reason in ('spam', 'fraud', 'abuse', 'other')),
    note text not null check (length(note) <= 500),
    messages jsonb not null,
    created_at timestamptz not null,
    closed_at timestamptz,
    closed_by uuid,
    outcome text check (outcome in ('dismissed', 'warned', 'noted')),
    check ((closed_at is null) = (outcome is null))
);
create index reports_open on chat.reports (created_at, id) where closed_at is null;
create index reports_reporter on chat.reports (reporter_id, created_at);
