create schema field;

-- Other wallets whose codes hang in the street, as the operator keeps them. code_starts: how what their codes say begins.
create table field.rivals (
    id uuid primary key,
    name text not null unique check (length(name) between 1 and 40),
    code_starts text[] not null check (cardinality(code_starts) between 0 and 10),
    created_at timestamptz not null
);

-- Shops of the street, whether or not they take our wallet. What a shop of ours says of itself stays with merchants: a place keeps what
-- the street shows, and which shop of ours it became.
create table field.places (
    id uuid primary key,
    -- The operator's own number of it, from a list that was read in.
    number text unique check (length(number) between 1 and 40),
    name text not null check (length(name) between 1 and 40),
    trade text not null,
    address text not null check (length(address) <= 80),
    size text not null check (size in ('small', 'chain')),
    area_id uuid,
    latitude_e6 integer check (latitude_e6 between -90000000 and 90000000),
    longitude_e6 integer check (longitude_e6 between -180000000 and 180000000),
    source text not null check (source in ('import', 'wish', 'neighbour')),
    -- Named by a person or a promoter and seen by nobody else until an operator accepts it; or not there any more.
    state text not null check (state in ('proposed', 'standing', 'gone')),
    added_by uuid not null,
    created_at timestamptz not null,
    shop_id uuid unique,
    linked_at timestamptz,
    check ((latitude_e6 is null) = (longitude_e6 is null)),
    check ((shop_id is null) = (linked_at is null))
);
create index places_state on field.places (state, id);
create index places_area on field.places (area_id, id) where state = 'standing';
create index places_added_by on field.places (added_by, created_at);

-- What was seen of a rival's code at a place, for good: rows are added and nothing else. The latest seen counts.
create table field.rival_codes (
    id uuid primary key,
    place_id uuid not null references field.places (id),
    rival_id uuid not null references field.rivals (id),
    state text not null check (state in ('live', 'threatened', 'dead', 'none')),
    how text not null check (how in ('scan', 'report')),
    note text not null check (length(note) <= 200),
    seen_at timestamptz not null,
    seen_by uuid not null,
    recorded_at timestamptz not null
);
create index rival_codes_place on field.rival_codes (place_id, rival_id, seen_at desc, id desc);

-- The offline team. It is a role of its own: whoever has it is none of the operator's staff.
create table field.promoters (
    person_id uuid primary key,
    since timestamptz not null,
    ended_at timestamptz,
    made_by uuid not null
);

-- Who would pay at a place in a month: once, however often they say so. Read by nobody; who it was is forgotten after the month's end.
create table field.wishes (
    place_id uuid not null references field.places (id),
    month date not null,
    person_id uuid not null,
    at timestamptz not null,
    primary key (place_id, month, person_id)
);
create index wishes_person on field.wishes (person_id, month);

-- How many said so in a month and with how much in coupons. What is shown grows by five people at a time; those who came since wait.
create table field.tallies (
    place_id uuid not null references field.places (id),
    month date not null,
    shown_people integer not null check (shown_people >= 0 and shown_people % 5 = 0),
    shown_coupons_minor bigint not null check (shown_coupons_minor >= 0),
    waiting_people integer not null check (waiting_people between 0 and 4),
    waiting_coupons_minor bigint not null check (waiting_coupons_minor >= 0),
    primary key (place_id, month)
);

-- Samples of the street, each to count our codes and one rival's side by side. seed: places were drawn in the order of
-- sha256(seed, place), stratum by stratum, so that whoever has the list can draw them again. One at a time for each rival.
create table field.surveys (
    id uuid primary key,
    rival_id uuid not null references field.rivals (id),
    counts text not null check (counts in ('codes', 'scans')),
    seed text not null,
    drawn_by uuid not null,
    drawn_at timestamptz not null,
    closed_at timestamptz
);
create unique index surveys_open on field.surveys (rival_id) where closed_at is null;
create index surveys_closed on field.surveys (rival_id, closed_at) where closed_at is not null;

-- How many places of each kind there were when a sample was drawn.
create table field.survey_strata (
    survey_id uuid not null references field.surveys (id),
    size text not null check (size in ('small', 'chain')),
    area_id uuid,
    places integer not null check (places > 0),
    unique nulls not distinct (survey_id, size, area_id)
);

-- The places of a sample, who looks at each, and what was there. ours and rivals: codes, or scans counted there; both 0 for a place
-- that is gone.
create table field.survey_places (
    survey_id uuid not null references field.surveys (id),
    place_id uuid not null references field.places (id),
    size text not null,
    area_id uuid,
    promoter_id uuid not null,
    ours integer check (ours >= 0),
    rivals integer check (rivals >= 0),
    seen_at timestamptz,
    primary key (survey_id, place_id),
    check ((ours is null) = (seen_at is null) and (rivals is null) = (seen_at is null))
);
create index survey_places_promoter on field.survey_places (promoter_id) where seen_at is null;
