create schema standing;

-- How far the operator's review of a shop has come, and what the shop may receive a day. A shop without a row is a new one.
create table standing.reviews (
    shop_id uuid primary key,
    state text not null check (state in ('waiting', 'asked', 'reviewed')),
    tier text not null check (tier in ('new', 'small', 'large', 'unlimited')),
    question text not null check (length(question) <= 200),
    answer text not null check (length(answer) <= 200),
    since timestamptz not null
);
create index reviews_state on standing.reviews (state, since, shop_id);

-- Codes that were taken back, and reinstated. Kept for good: this is the record. There is no place for a reason in free text.
create table standing.withdrawals (
    id uuid primary key,
    shop_id uuid not null,
    reason text not null
        check (reason in ('fraud', 'forbidden-goods', 'identity-not-proven', 'court-order', 'owners-wish', 'shop-gone')),
    case_number text not null check (case_number ~ '^([A-Z]{0,3}[0-9][0-9-]{0,23})?$'),
    taken_by uuid not null,
    taken_at timestamptz not null,
    objection text not null default '' check (length(objection) <= 500),
    reinstated_by uuid,
    reinstated_at timestamptz,
    check ((reinstated_by is null) = (reinstated_at is null))
);
create unique index withdrawals_standing on standing.withdrawals (shop_id) where reinstated_at is null;
create index withdrawals_list on standing.withdrawals ((objection = ''), taken_at, id) where reinstated_at is null;
create index withdrawals_shop on standing.withdrawals (shop_id, taken_at);

-- Where shops stand, as far as their keepers say, in thousandths of a degree (about a hundred metres).
create table standing.positions (
    shop_id uuid primary key,
    latitude_e3 integer not null check (latitude_e3 between -90000 and 90000),
    longitude_e3 integer not null check (longitude_e3 between -180000 and 180000)
);

-- How often a shop's code was scanned how far from it on a day. Nobody's position is kept, and no person. Dropped after 400 days.
create table standing.far_scans (
    shop_id uuid not null,
    business_date date not null,
    distance text not null check (distance in ('under-10', 'under-100', 'over-100')),
    count integer not null check (count > 0),
    primary key (business_date, shop_id, distance)
);

-- Days on which a shop was told that its room is used up, so that it is told once. Of no use after the day.
create table standing.full_days (
    shop_id uuid not null,
    business_date date not null,
    primary key (shop_id, business_date)
);
