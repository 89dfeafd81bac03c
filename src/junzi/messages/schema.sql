create schema messages;

-- One log each. changed: position in the engine's one count of changes, moved by whatever every member sees.
-- changed_at: when it was opened, or its facts, members or messages last changed; reading does not move it.
create table messages.conversations (
    id uuid primary key,
    kind text not null,
    facts jsonb not null,
    head_seq bigint not null,
    member_count integer not null,
    changed bigint not null,
    changed_at timestamptz not null,
    at timestamptz not null
) with (fillfactor = 70);

-- Who is in a conversation, since after which message, and how far they have read.
create table messages.members (
    conversation_id uuid not null,
    member_id uuid not null,
    read_seq bigint not null,
    joined_seq bigint not null,
    changed bigint not null,
    primary key (conversation_id, member_id)
) with (fillfactor = 70);
create index members_member on messages.members (member_id);

-- The messages: one row each, whatever the size of the conversation. A sender of null is the house itself.
create table messages.log (
    conversation_id uuid not null,
    seq bigint not null check (seq > 0),
    client_id text not null,
    sender_id uuid,
    kind text not null,
    payload jsonb not null,
    fallback text not null,
    may_recall boolean not null,
    may_forward boolean not null,
    at timestamptz not null,
    primary key (conversation_id, seq)
);
-- A resend is found by the client's own name for the message.
create unique index log_client on messages.log (conversation_id, client_id, sender_id) nulls not distinct;

-- The count of changes, given out by the one writer in the order of its commits. One row.
create table messages.clock (
    one boolean primary key default true check (one),
    changed bigint not null
);
insert into messages.clock (changed) values (0);
