create schema settlement;

-- Where a shop's money goes. looked_on: the last business day whose morning was looked at. Kept as long as the shop.
create table settlement.bank_accounts (
    shop_id uuid primary key,
    card_id uuid not null,
    automatic boolean not null,
    since timestamptz not null,
    looked_on date not null
);
create index bank_accounts_due on settlement.bank_accounts (looked_on) where automatic;

-- Every change of it, for good. No card: it was taken away. Nobody: the house did it, the card being bound no longer.
create table settlement.bank_account_changes (
    id uuid primary key,
    shop_id uuid not null,
    card_id uuid,
    by_id uuid,
    at timestamptz not null
);
create index bank_account_changes_shop on settlement.bank_account_changes (shop_id, id);

-- Money of shops on its way to the bank. Kept as long as the books.
create table settlement.payouts (
    id uuid primary key,
    shop_id uuid not null,
    card_id uuid not null,
    asked_by uuid,
    state text not null check (state in ('processing', 'done', 'returned', 'refused')),
    amount_minor bigint not null check (amount_minor > 0),
    reason text,
    created_at timestamptz not null,
    try_at timestamptz not null,
    finished_at timestamptz,
    business_date date not null,
    check ((state = 'processing') = (finished_at is null)),
    check ((state in ('returned', 'refused')) = (reason is not null))
);
create index payouts_shop on settlement.payouts (shop_id, id desc);
create index payouts_latest on settlement.payouts (created_at desc);
create index payouts_open on settlement.payouts (try_at) where state = 'processing';
