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
    primary key (business_date, hour)
);

-- Each person's number in the bitmaps, and the business days they were first there and first paid with a coupon.
create table growth.people (
    person_id uuid primary key,
    number integer not null unique generated always as identity (minvalue 0 start 0),
    first_date date not null,
    first_coupon_date date
);
create index people_first on growth.people (first_date);

-- Who did what on a business day: a bit for each person, by their number, the lowest first.
create table growth.marks (
    business_date date not null,
    mark text not null check (mark in ('active', 'new', 'chat', 'pay', 'scan')),
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
