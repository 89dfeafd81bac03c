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

-- The figures of each business day, kept in the transaction that stores a fact.
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
    coupons_redeemed_minor bigint not null
);

-- The same for each hour of the operator's clock.
create table growth.hours (
    business_date date not null,
    hour smallint not null check (hour between 0 and 23),
    payments bigint not null,
    amount_minor bigint not null,
    scans bigint not null,
    primary key (business_date, hour)
);
