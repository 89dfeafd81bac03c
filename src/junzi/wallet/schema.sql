create schema wallet;

-- Intents to move money from a card to the balance. Kept as long as the books.
create table wallet.topups (
    id uuid primary key,
    person_id uuid not null,
    card_id uuid not null,
    amount_minor bigint not null check (amount_minor > 0),
    state text not null check (state in ('processing', 'succeeded', 'refused')),
    reason text,
    created_at timestamptz not null,
    try_at timestamptz not null,
    business_date date not null
);
create index topups_open on wallet.topups (try_at) where state = 'processing';

-- Intents to move money from one person to another. Kept as long as the books.
create table wallet.transfers (
    id uuid primary key,
    payer_id uuid not null,
    payee_id uuid not null check (payee_id <> payer_id),
    amount_minor bigint not null check (amount_minor > 0),
    note text not null check (length(note) <= 60),
    state text not null check (state in ('processing', 'succeeded', 'refused')),
    reason text,
    created_at timestamptz not null,
    try_at timestamptz not null,
    business_date date not null
);
create index transfers_open on wallet.transfers (try_at) where state = 'processing';

-- One row a movement and person, keyed by the ledger transfer; audited against the ledger. Kept as long as the books.
create table wallet.bills (
    person_id uuid not null,
    id uuid not null,
    kind text not null check (kind in ('topup', 'payment', 'transfer_in', 'transfer_out', 'refund', 'commission')),
    amount_minor bigint not null,
    discount_minor bigint not null check (case kind when 'refund' then discount_minor <= 0 else discount_minor >= 0 end),
    counterparty jsonb not null,
    note text not null,
    at timestamptz not null,
    business_date date not null,
    order_id uuid,
    moves_balance boolean not null,
    primary key (person_id, id)
);
create index bills_saved on wallet.bills (person_id, business_date) include (discount_minor) where discount_minor <> 0;
