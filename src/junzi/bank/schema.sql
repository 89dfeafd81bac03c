create schema bank;

-- A person's bound cards: the issuer's token, what the issuer and what the person recognise the card by. Erased with the person.
create table bank.cards (
    id uuid primary key,
    person_id uuid not null,
    token text not null,
    bank_name text not null,
    last4 text not null check (last4 ~ '^\d{4}$'),
    fingerprint text not null,
    state text not null check (state in ('active', 'removed')),
    bound_at timestamptz not null
);
create unique index cards_active on bank.cards (person_id, fingerprint) where state = 'active';

-- Intents to bind a card. Erased with the person.
create table bank.bindings (
    id uuid primary key,
    person_id uuid not null,
    state text not null check (state in ('started', 'bound', 'refused')),
    return_url text not null,
    page_url text not null,
    card_id uuid,
    reason text,
    started_at timestamptz not null,
    ask_at timestamptz not null
);
create index bindings_open on bank.bindings (ask_at) where state = 'started';

-- Money asked of an issuer; the id is the reference it knows the debit by. Kept as long as the books.
create table bank.debits (
    id uuid primary key,
    card_id uuid not null,
    amount_minor bigint not null check (amount_minor > 0),
    currency text not null,
    text text not null,
    state text not null check (state in ('asked', 'succeeded', 'declined')),
    reason text,
    asked_at timestamptz not null,
    answered_at timestamptz,
    business_date date not null
);

-- Money given back to a card; the id is the reference the issuer knows the credit by. Kept as long as the books.
create table bank.credits (
    id uuid primary key,
    card_id uuid not null,
    amount_minor bigint not null check (amount_minor > 0),
    currency text not null,
    text text not null,
    state text not null check (state in ('asked', 'succeeded', 'declined')),
    reason text,
    asked_at timestamptz not null,
    answered_at timestamptz,
    business_date date not null
);
