-- The issuer's own tables. Card numbers and one-time codes are kept only as keyed hashes (HMAC-SHA-256), beside the last
-- four digits. Amounts are in minor units. A signed amount is positive where the owner of the account has more.
create schema issuer;

create table issuer.versions (
    number      integer primary key,
    at          timestamptz not null
);

-- A card exists from the first time that its number is typed; several persons may bind it.
create table issuer.cards (
    card_id     bigint generated always as identity primary key,
    number_hash bytea not null unique,
    last4       text not null check (last4 ~ '^[0-9]{4}$'),
    bank        text not null,
    behaviour   text not null,
    created_at  timestamptz not null
);

create table issuer.bindings (
    reference       uuid primary key,
    page_id         text not null unique,
    csrf_token      text not null,
    return_url      text not null,
    public_url      text not null,
    holder_hint     text not null,
    state           text not null check (state in ('started', 'confirmed', 'refused')),
    reason          text,
    card_id         bigint references issuer.cards,
    code_hash       bytea,
    code_expires_at timestamptz,
    codes_sent      integer not null default 0,
    codes_wrong     integer not null default 0,
    started_at      timestamptz not null,
    ended_at        timestamptz,
    check ((state = 'refused') = (reason is not null)),
    check ((state = 'started') = (ended_at is null)),
    check (state <> 'confirmed' or card_id is not null)
);

-- What the operator holds instead of a card number; one a confirmed binding.
create table issuer.tokens (
    token       text primary key,
    reference   uuid not null unique references issuer.bindings,
    card_id     bigint not null references issuer.cards,
    created_at  timestamptz not null,
    revoked_at  timestamptz
);

-- 'card': what a card holder has. 'settlement': what the bank holds for the operator; it may go below zero, which is
-- credit the bank gives. 'capital': where the opening money of new cards comes from.
create table issuer.accounts (
    account_id    bigint generated always as identity primary key,
    kind          text not null check (kind in ('card', 'settlement', 'capital')),
    card_id       bigint unique references issuer.cards,
    currency      text not null,
    balance_minor bigint not null default 0,
    check ((kind = 'card') = (card_id is not null)),
    check (kind <> 'card' or balance_minor >= 0)
);
create unique index accounts_of_the_bank on issuer.accounts (kind, currency) where kind <> 'card';

-- Every debit and credit ever decided, also the declined ones: the memory that makes a repeat harmless.
create table issuer.payments (
    kind         text not null check (kind in ('debit', 'credit')),
    reference    uuid not null,
    token        text not null references issuer.tokens,
    card_id      bigint not null references issuer.cards,
    amount_minor bigint not null check (amount_minor > 0),
    currency     text not null,
    text         text not null,
    state        text not null check (state in ('succeeded', 'declined')),
    reason       text,
    at           timestamptz not null,
    primary key (kind, reference),
    check ((state = 'declined') = (reason is not null))
);

create table issuer.transfers (
    transfer_id bigint generated always as identity primary key,
    kind        text not null check (kind in ('opening', 'debit', 'credit')),
    reference   uuid,
    at          timestamptz not null,
    unique (kind, reference),
    check ((kind = 'opening') = (reference is null)),
    foreign key (kind, reference) references issuer.payments (kind, reference)
);

create table issuer.entries (
    transfer_id  bigint not null references issuer.transfers,
    account_id   bigint not null references issuer.accounts,
    amount_minor bigint not null check (amount_minor <> 0),
    primary key (transfer_id, account_id)
);
create index entries_by_account on issuer.entries (account_id);

-- References whose first attempt was cut before anything was decided, so that the second one is let through.
create table issuer.cut_attempts (
    kind        text not null,
    reference   uuid not null,
    at          timestamptz not null,
    primary key (kind, reference)
);

-- What has to be told to the operator. A notification stays due until it was taken as often as wanted, or was tried too
-- often; the next try is written down before each try, so that a crash can repeat one but never lose one.
create table issuer.notifications (
    notification_id bigint generated always as identity primary key,
    kind            text not null,
    reference       uuid not null,
    nonce           text not null,
    body            text not null,
    wanted          integer not null check (wanted between 1 and 2),
    taken           integer not null default 0,
    tries           integer not null default 0,
    due_at          timestamptz,
    ended_at        timestamptz,
    check ((due_at is null) = (ended_at is not null)),
    unique (kind, reference)
);
create index notifications_due on issuer.notifications (due_at) where due_at is not null;
