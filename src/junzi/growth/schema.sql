create schema growth;

-- Every event that counts, once. Kept when the outbox has forgotten it; whoever doubts a figure can recount it here.
create table growth.facts (
    event_id uuid primary key,
    kind text not null,
    person_id uuid,
    at timestamptz not null,
    business_date date not null,
    hour smallint not null check (hour between 0 and 23),
    amount_minor bigint not null default 0 check (amount_minor >= 0),
    coupon_minor bigint not null default 0 check (coupon_minor >= 0),
    pieces integer not null default 0 check (pieces >= 0),
    subject_id uuid
);
create index facts_by_day on growth.facts (business_date, kind);

-- Who was active on a business day; one row a person, however often they came.
create table growth.actives (
    business_date date not null,
    person_id uuid not null,
    primary key (business_date, person_id)
);

-- The figures of each business day, kept in the transaction that stores a fact. rolled: what is rolled up of the day shows all its
-- facts; each fact that comes, however late, takes that back.
create table growth.days (
    business_date date primary key,
    sign_ups bigint not null,
    actives bigint not null,
    cards_bound bigint not null,
    scans bigint not null,
    payments bigint not null,
    payments_minor bigint not null,
    refunds bigint not null,
    refunds_minor bigint not null,
    coupons_given bigint not null,
    coupons_given_minor bigint not null,
    coupons_redeemed bigint not null,
    coupons_redeemed_minor bigint not null,
    rolled boolean not null default false
);
create index days_to_roll on growth.days (business_date) where not rolled;

-- The same for each hour of the operator's clock.
create table growth.hours (
    business_date date not null,
    hour smallint not null check (hour between 0 and 23),
    payments bigint not null,
    amount_minor bigint not null,
    scans bigint not null,
    cards_bound bigint not null,
    primary key (business_date, hour)
);

-- Each person's number in the bitmaps, and the business days on which they were first there, signed up, first paid with a coupon, bound a
-- card and scanned a code. source_id: where they came from, when they signed up; nobody is shown it but as a count.
create table growth.people (
    person_id uuid primary key,
    number integer not null unique generated always as identity (minvalue 0 start 0),
    first_date date not null,
    first_coupon_date date,
    signed_up_date date,
    source_id uuid,
    bound_date date,
    scanned_date date
);
create index people_first on growth.people (first_date);
create index people_signed_up on growth.people (signed_up_date) where signed_up_date is not null;

-- Who did what on a business day: a bit for each person, by their number, the lowest first.
create table growth.marks (
    business_date date not null,
    mark text not null check (mark in ('active', 'new', 'chat', 'pay', 'scan', 'signed_up')),
    bits bytea not null,
    primary key (business_date, mark)
);

-- Money of a business day as seen from coupons. sales_minor: payments in which one was used; bare: payments without one; bare_after: of
-- these, by people who had paid with a coupon on an earlier day.
create table growth.coupon_days (
    business_date date primary key,
    coupon_minor bigint not null,
    sales_minor bigint not null,
    bare bigint not null,
    bare_after bigint not null
);

-- Campaigns that two administrators let pass the gate, and why. Kept as long as the books.
create table growth.overrides (
    campaign_id uuid primary key,
    reason text not null,
    asked_by uuid not null,
    asked_at timestamptz not null,
    agreed_by uuid check (agreed_by <> asked_by),
    agreed_at timestamptz
);

-- What became of our campaigns, as it was told: once an event. Kept as long as the books.
create table growth.launches (
    event_id uuid primary key,
    campaign_id uuid not null,
    turn text not null check (turn in ('started', 'paused', 'resumed', 'raised', 'ended')),
    title jsonb not null,
    at timestamptz not null
);
create index launches_at on growth.launches (at);
create index launches_campaign on growth.launches (campaign_id, at) where turn = 'started';

-- What rivals did, as the operator's staff recorded it; sums are null where nobody knows them. burn_minor: what it may cost the rival in
-- all, as estimated. voided: recorded by mistake.
create table growth.moves (
    id uuid primary key,
    rival_id uuid not null,
    kind text not null check (kind in ('coupon', 'packet', 'fee', 'pressure', 'other')),
    face_minor bigint check (face_minor > 0),
    threshold_minor bigint check (threshold_minor >= 0),
    burn_minor bigint check (burn_minor > 0),
    starts_at timestamptz not null,
    ends_at timestamptz check (ends_at > starts_at),
    source text not null check (length(source) between 1 and 200),
    recorded_by uuid not null,
    recorded_at timestamptz not null,
    voided_at timestamptz
);
create index moves_starts on growth.moves (starts_at) where voided_at is null;

-- Campaigns that were drafted as the answer to a move.
create table growth.answers (
    campaign_id uuid primary key,
    move_id uuid not null references growth.moves (id),
    title jsonb not null,
    drafted_by uuid not null,
    drafted_at timestamptz not null
);
create index answers_move on growth.answers (move_id, drafted_at);

-- Where people come from: the code in a link that opens the app, one for each poster, promoter and inviting person.
-- owner_id: the promoter, or whoever invites.
create table growth.sources (
    id uuid primary key,
    code text not null unique check (code ~ '^[a-z0-9]{8}$'),
    kind text not null check (kind in ('poster', 'promoter', 'invitation')),
    name text not null check (length(name) <= 60),
    owner_id uuid,
    made_by uuid not null,
    created_at timestamptz not null,
    check ((kind = 'poster') = (owner_id is null))
);
create unique index sources_owner on growth.sources (owner_id, kind) where owner_id is not null;

-- Devices on which the app was opened for the first time, or installed, on a business day, by the source of the link.
create table growth.source_days (
    business_date date not null,
    source_id uuid,
    opened bigint not null,
    installed bigint not null,
    unique nulls not distinct (business_date, source_id)
);

-- What is told of a business day in the morning after, as it was written before it was told; sent_at: since when it stands in the
-- operators' group. Kept for good.
create table growth.briefs (
    business_date date primary key,
    brief jsonb not null,
    written_at timestamptz not null,
    sent_at timestamptz
);
