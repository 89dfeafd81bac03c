create schema coupons;

-- What an operator promises, to whom, and how much of it there is. try_at: when the machine has something to do with it, null for
-- nothing. Kept as long as the books.
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
    starts_at timestamptz,
    ends_at timestamptz check (ends_at > starts_at),
    drafted_by uuid,
    created_at timestamptz not null,
    try_at timestamptz
);
create index campaigns_running on coupons.campaigns (trigger) where state = 'running';
create index campaigns_to_try on coupons.campaigns (try_at) where try_at is not null;

-- Money and pieces put into a campaign's budget: the first with the campaign's own id, then one each time it is raised.
create table coupons.fundings (
    id uuid primary key,
    campaign_id uuid not null,
    amount_minor bigint not null check (amount_minor >= 0),
    pieces bigint not null check (pieces >= 0),
    state text not null check (state in ('processing', 'done')),
    created_at timestamptz not null
);
create index fundings_campaign on coupons.fundings (campaign_id);

-- Whether a campaign may run, as far as a room above has a say in it; one without a row may.
create table coupons.gates (
    campaign_id uuid primary key,
    open boolean not null,
    reason text not null
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
    state text not null check (state in ('available', 'reserved', 'redeemed', 'expiring', 'expired')),
    given_at timestamptz not null,
    expires_at timestamptz not null,
    opened_at timestamptz,
    payment_id uuid,
    used_shop_id uuid,
    used_at timestamptz,
    used_minor bigint,
    saved_minor bigint,
    check ((state in ('reserved', 'redeemed')) = (payment_id is not null)),
    check ((payment_id is null) = (used_shop_id is null and used_at is null and used_minor is null and saved_minor is null))
);
create index coupons_person on coupons.coupons (person_id, state, expires_at);
create index coupons_campaign on coupons.coupons (campaign_id, state);
create index coupons_to_expire on coupons.coupons (expires_at) where state in ('available', 'expiring');
