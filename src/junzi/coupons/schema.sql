create schema coupons;

-- What an operator promises, to whom, and how much of it there is. funder: a shop that pays a part of it, and how large a part.
-- follow_up: it waits for the gate of all that follow up.
-- try_at: when the machine has something to do with it, null for nothing. Kept as long as the books.
create table coupons.campaigns (
    id uuid primary key,
    title jsonb not null,
    trigger text not null check (trigger in ('card_bound', 'claim', 'payment', 'list')),
    state text not null check (state in ('draft', 'starting', 'running', 'paused', 'ending', 'ended')),
    offers jsonb not null,
    budget_minor bigint not null check (budget_minor > 0),
    valid_days integer not null check (valid_days between 1 and 366),
    budget_pieces bigint not null check (budget_pieces > 0),
    terms jsonb not null,
    funder jsonb,
    starts_at timestamptz,
    ends_at timestamptz check (ends_at > starts_at),
    drafted_by uuid,
    follow_up boolean not null default false,
    created_at timestamptz not null,
    try_at timestamptz
);
create index campaigns_running on coupons.campaigns (trigger) where state = 'running';
create index campaigns_to_try on coupons.campaigns (try_at) where try_at is not null;

-- What a shop is asked to pay of a sum that is to be put into a campaign: shop_minor of amount_minor. raises: beside what runs
-- already. Its owner agrees or declines; whoever changes the sum asks anew, and the old question is void. Kept as long as the books.
create table coupons.shares (
    id uuid primary key,
    campaign_id uuid not null,
    shop_id uuid not null,
    amount_minor bigint not null check (amount_minor > 0),
    shop_minor bigint not null check (shop_minor between 1 and amount_minor),
    pieces bigint not null check (pieces >= 0),
    raises boolean not null,
    state text not null check (state in ('asked', 'agreed', 'declined', 'paid', 'void')),
    asked_at timestamptz not null,
    decided_at timestamptz,
    decided_by uuid
);
create index shares_campaign on coupons.shares (campaign_id);
create index shares_shop on coupons.shares (shop_id, id);

-- Money and pieces put into a campaign's budget: one at its start, then one each time it is raised. shop_minor: what a shop pays of
-- it, by its share. refused: the shop had too little; nothing moved. Kept as long as the books.
create table coupons.fundings (
    id uuid primary key,
    campaign_id uuid not null,
    amount_minor bigint not null check (amount_minor >= 0),
    pieces bigint not null check (pieces >= 0),
    raises boolean not null,
    share_id uuid,
    shop_id uuid,
    shop_minor bigint not null check (shop_minor between 0 and amount_minor),
    state text not null check (state in ('processing', 'done', 'refused')),
    created_at timestamptz not null,
    check ((share_id is null) = (shop_id is null) and (shop_id is null) = (shop_minor = 0))
);
create index fundings_campaign on coupons.fundings (campaign_id);

-- A running campaign's new whole that one administrator asked for, until another asks for the same. Gone when that is decided.
create table coupons.raises (
    campaign_id uuid primary key,
    budget_minor bigint not null check (budget_minor > 0),
    budget_pieces bigint not null check (budget_pieces > 0),
    asked_by uuid not null,
    asked_at timestamptz not null
);

-- What was left in an ended campaign's budget and goes back to whoever paid it: shop_minor of it to the shop. One at a time.
-- refused: somebody was faster; nothing moved. Kept as long as the books.
create table coupons.rests (
    id uuid primary key,
    campaign_id uuid not null,
    amount_minor bigint not null check (amount_minor >= 0),
    shop_id uuid,
    shop_minor bigint not null check (shop_minor between 0 and amount_minor),
    pieces bigint not null check (pieces >= 0),
    state text not null check (state in ('processing', 'done', 'refused')),
    created_at timestamptz not null
);
create index rests_campaign on coupons.rests (campaign_id);
create unique index rests_one_at_a_time on coupons.rests (campaign_id) where state = 'processing';

-- Coupons taken back for cause, a campaign's or one person's: those that nothing held at that moment. Kept as long as the books.
create table coupons.withdrawals (
    id uuid primary key,
    campaign_id uuid not null,
    person_id uuid,
    reason text not null check (reason in ('fraud', 'mistake')),
    by_id uuid not null,
    pieces bigint not null check (pieces >= 0),
    amount_minor bigint not null check (amount_minor >= 0),
    state text not null check (state in ('processing', 'done')),
    created_at timestamptz not null,
    try_at timestamptz not null
);
create index withdrawals_campaign on coupons.withdrawals (campaign_id);
create index withdrawals_open on coupons.withdrawals (try_at) where state = 'processing';

-- By which payment a person paid a shop for the first time. Told by events in any order: the earliest stands. Kept as long as the books.
create table coupons.payers (
    person_id uuid primary key,
    first_payment_id uuid not null
);

-- Whether a campaign may run, as far as a room above has a say in it; one without a row may. One row, under an id of its own, is the
-- gate of all that follow up, which is closed without a row. open_until: null for no end.
create table coupons.gates (
    campaign_id uuid primary key,
    open boolean not null,
    reason text not null,
    open_until timestamptz
);

-- Intents to give a campaign's coupons to somebody: once an occasion, and a natural person only so often (number counts from 1;
-- what was refused counts for nothing). amounts: the cover of each coupon, drawn where chance has a say. Kept as long as the books.
create table coupons.grants (
    id uuid primary key,
    campaign_id uuid not null,
    natural_person_id uuid not null,
    person_id uuid not null,
    occasion uuid not null,
    number integer check (number > 0),
    amounts bigint[] not null,
    state text not null check (state in ('processing', 'given', 'refused')),
    created_at timestamptz not null,
    try_at timestamptz not null,
    check ((state = 'refused') = (number is null)),
    unique (campaign_id, occasion),
    unique (campaign_id, natural_person_id, number)
);
create index grants_open on coupons.grants (try_at) where state = 'processing';

-- Coupons, each covered by money in the campaign's account of outstanding promises: amount_minor is the most it can save. What was
-- promised with it stands here, so that nothing done to the campaign changes it. used_*: the purchase that holds it or had it.
-- try_at: when to go on with its expiry.
-- Kept as long as the books.
create table coupons.coupons (
    id uuid primary key,
    campaign_id uuid not null,
    person_id uuid not null,
    title jsonb not null,
    amount_minor bigint not null check (amount_minor > 0),
    threshold_minor bigint not null check (threshold_minor >= 0),
    percent integer not null check (percent between 0 and 100),
    packet boolean not null,
    limits jsonb not null,
    state text not null check (state in
        ('available', 'reserved', 'redeemed', 'expiring', 'expired', 'withdrawing', 'withdrawn')),
    given_at timestamptz not null,
    expires_at timestamptz not null,
    opened_at timestamptz,
    payment_id uuid,
    used_shop_id uuid,
    used_at timestamptz,
    used_minor bigint,
    saved_minor bigint,
    withdrawal_id uuid,
    try_at timestamptz,
    check ((state in ('reserved', 'redeemed')) = (payment_id is not null)),
    check ((state in ('withdrawing', 'withdrawn')) = (withdrawal_id is not null)),
    check ((payment_id is null) = (used_shop_id is null and used_at is null and used_minor is null and saved_minor is null))
);
create index coupons_person on coupons.coupons (person_id, state, expires_at);
create index coupons_campaign on coupons.coupons (campaign_id, state);
create index coupons_to_expire on coupons.coupons (coalesce(try_at, expires_at)) where state in ('available', 'expiring');
create index coupons_withdrawing on coupons.coupons (withdrawal_id, person_id) where state = 'withdrawing';
