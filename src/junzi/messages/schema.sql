create schema messages;

-- One log each. changed: position in the engine's one count of changes, moved by whatever every member sees.
-- changed_at: when it was opened, or its facts, members or messages last changed; reading does not move it.
-- version: counts the changes of facts and members. edited: the change that last made a standing message another one.
-- called_seq: the newest message that calls everybody.
create table messages.conversations (
    id uuid primary key,
    kind text not null,
    facts jsonb not null,
    head_seq bigint not null,
    member_count integer not null,
    version bigint not null,
    called_seq bigint not null,
    edited bigint not null,
    changed bigint not null,
    changed_at timestamptz not null,
    at timestamptz not null
) with (fillfactor = 70);

-- Who is or was in a conversation, since after which message, and how far they have read. left_seq: the last message of whoever
-- left. cleared_seq: up to where they deleted everything for themselves. called_seq: the newest message that calls them.
-- facts are shown to all members, own to the member alone. deleted: the change at which they last deleted for themselves.
create table messages.members (
    conversation_id uuid not null,
    member_id uuid not null,
    read_seq bigint not null,
    joined_seq bigint not null,
    left_seq bigint,
    cleared_seq bigint not null,
    called_seq bigint not null,
    facts jsonb not null,
    own jsonb not null,
    deleted bigint not null,
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

-- Messages that became others after they were written, and at which change: what a device has to learn anew.
create table messages.edits (
    conversation_id uuid not null,
    seq bigint not null,
    changed bigint not null,
    primary key (conversation_id, seq)
);
create index edits_changed on messages.edits (conversation_id, changed);

-- Messages that a member deleted for themself. Rows up to their cleared_seq are dropped.
create table messages.deleted (
    conversation_id uuid not null,
    member_id uuid not null,
    seq bigint not null,
    changed bigint not null,
    primary key (conversation_id, member_id, seq)
);

-- The count of changes, given out by the one writer in the order of its commits. One row.
create table messages.clock (
    one boolean primary key default true check (one),
    changed bigint not null
);
insert into messages.clock (changed) values (0);
