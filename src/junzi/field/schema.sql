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

-- Which promoter goes to a place, or to all places of an area that are nobody's in particular. Where neither says, everybody may.
create table field.assignments (
    place_id uuid primary key references field.places (id),
    promoter_id uuid not null,
    by_id uuid not null,
    at timestamptz not null
);
create index assignments_promoter on field.assignments (promoter_id);
create table field.territories (
    area_id uuid primary key,
    promoter_id uuid not null,
    by_id uuid not null,
    at timestamptz not null
);

-- Who was at a place, when and where by their phone, what came of it, and from which day on it is worth going again. Rows are added and
-- nothing else.
create table field.visits (
    id uuid primary key,
    place_id uuid not null references field.places (id),
    promoter_id uuid not null,
    outcome text not null check (outcome in ('signed_up', 'back_on', 'no', 'shut', 'closed', 'not_found', 'called')),
    back_on date,
    again_on date not null,
    note text not null check (length(note) <= 200),
    latitude_e6 integer check (latitude_e6 between -90000000 and 90000000),
    longitude_e6 integer check (longitude_e6 between -180000000 and 180000000),
    accuracy_m integer check (accuracy_m >= 0),
    photo_id uuid,
    -- In what forms the shop's code was handed over.
    pieces text[] not null check (pieces <@ array['a4', 'a5', 'sticker', 'tent']),
    made_at timestamptz not null,
    recorded_at timestamptz not null,
    check ((outcome = 'back_on') = (back_on is not null)),
    check ((latitude_e6 is null) = (longitude_e6 is null))
);
create index visits_place on field.visits (place_id, made_at desc, id desc);
create index visits_promoter on field.visits (promoter_id, made_at desc, id desc);

-- Shops that a promoter asks somebody to open, at the counter. token: what the owner's phone scans, good for a quarter of an hour. What the
-- owner agreed to is opened by merchants, and the place becomes that shop. Kept: who signed up a shop is on record.
create table field.sign_ups (
    id uuid primary key,
    place_id uuid not null references field.places (id),
    promoter_id uuid not null,
    shop jsonb not null,
    token text not null unique,
    state text not null check (state in ('asked', 'agreed', 'open', 'declined', 'refused')),
    owner_id uuid,
    asked_at timestamptz not null,
    expires_at timestamptz not null,
    decided_at timestamptz,
    shop_id uuid unique,
    try_at timestamptz,
    check ((state = 'open') = (shop_id is not null)),
    check (state not in ('agreed', 'open') or owner_id is not null),
    check ((state = 'agreed') = (try_at is not null))
);
create index sign_ups_promoter on field.sign_ups (promoter_id, asked_at desc, id desc);
create index sign_ups_owner on field.sign_ups (owner_id) where state = 'asked';
create index sign_ups_to_try on field.sign_ups (try_at) where state = 'agreed';

-- What an owner's phone shows for a promoter to type: good for five minutes and once.
create table field.owner_codes (
    person_id uuid primary key,
    code text not null unique,
    expires_at timestamptz not null
);

-- Codes printed in advance, by sheet. Where each leads is codes' to say.
create table field.sheets (
    id uuid primary key,
    printed_by uuid not null,
    printed_at timestamptz not null
);
create table field.blanks (
    code text primary key,
    sheet_id uuid not null references field.sheets (id),
    shop_id uuid,
    bound_by uuid,
    bound_at timestamptz,
    check ((shop_id is null) = (bound_by is null) and (shop_id is null) = (bound_at is null))
);
create index blanks_sheet on field.blanks (sheet_id);

-- What a promoter earns of a shop they signed up, as the operator set it; one at a time. Due after so many days that the shop stands, or
-- when so many different people paid there, whichever is first.
create table field.commission_rules (
    id uuid primary key,
    amount_minor bigint not null check (amount_minor > 0),
    after_days integer check (after_days between 1 and 366),
    payers integer check (payers between 1 and 1000),
    budget_minor bigint not null check (budget_minor >= amount_minor),
    set_by uuid not null,
    set_at timestamptz not null,
    ended_at timestamptz,
    check (after_days is not null or payers is not null)
);
create unique index commission_rules_open on field.commission_rules ((true)) where ended_at is null;

-- What was promised for each shop that was signed up, and paid once. None of it lapses with the rule; the sum of a rule's is within its budget.
create table field.commissions (
    id uuid primary key,
    sign_up_id uuid not null unique references field.sign_ups (id),
    rule_id uuid not null references field.commission_rules (id),
    promoter_id uuid not null,
    shop_id uuid not null unique,
    owner_id uuid not null,
    amount_minor bigint not null check (amount_minor > 0),
    state text not null check (state in ('promised', 'due', 'paid', 'lapsed', 'over_budget')),
    stands_on date,
    payers integer,
    promised_at timestamptz not null,
    paid_at timestamptz,
    try_at timestamptz,
    check ((state = 'paid') = (paid_at is not null)),
    check ((state = 'due') = (try_at is not null))
);
create index commissions_promoter on field.commissions (promoter_id, promised_at desc, id desc);
create index commissions_rule on field.commissions (rule_id);
create index commissions_stands on field.commissions (stands_on) where state = 'promised';
create index commissions_to_try on field.commissions (try_at) where state = 'due';

-- Payments at a shop while commission is promised for it by payers, but for those of its owner, its promoter and the promoter's friends. One
-- that was refunded, if only in part, counts no more.
create table field.payments_counted (
    payment_id uuid primary key,
    shop_id uuid not null,
    payer_id uuid not null,
    refunded boolean not null default false
);
create index payments_counted_shop on field.payments_counted (shop_id, payer_id) where not refunded;

-- Shops of ours that the operator takes under shelter, since a rival's code there is threatened or dead: no fee until the end or until the
-- fees that were waived use up the budget, which is kept where they are waived (merchants). permyriad: the fee before, which holds again then. given: whether the holiday was agreed on.
create table field.shelters (
    id uuid primary key,
    place_id uuid not null references field.places (id),
    shop_id uuid not null,
    by_id uuid not null,
    begins_at timestamptz not null,
    ends_at timestamptz not null check (ends_at > begins_at),
    budget_minor bigint not null check (budget_minor > 0),
    permyriad integer not null check (permyriad >= 0),
    given boolean not null default false,
    ended_at timestamptz
);
create unique index shelters_running on field.shelters (shop_id) where ended_at is null;

-- Campaigns that were drafted for a shop under shelter and count there alone. What they cost is coupons' to say.
create table field.shelter_campaigns (
    campaign_id uuid primary key,
    shelter_id uuid not null references field.shelters (id),
    by_id uuid not null,
    at timestamptz not null
);
create index shelter_campaigns_shelter on field.shelter_campaigns (shelter_id, at);

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

-- What was said to a shop, as somebody of it recorded it. words: word for word; account: what happened around it; spot: where in the shop.
-- happened_at is the shop's word, recorded_at the server's.
create table field.incidents (
    id uuid primary key,
    shop_id uuid not null,
    rival_id uuid references field.rivals (id),
    words text not null check (length(words) <= 2000),
    account text not null check (length(account) <= 2000),
    speaker text not null check (length(speaker) <= 100),
    spot text not null check (length(spot) <= 100),
    happened_at timestamptz not null,
    photo_ids uuid[] not null check (cardinality(photo_ids) <= 6),
    recorded_by uuid not null,
    recorded_at timestamptz not null,
    check (words <> '' or account <> '')
);
create index incidents_shop on field.incidents (shop_id, id desc);

-- What was written below an incident: more of it, that the shop withdraws it, that the operator may read it.
create table field.incident_entries (
    id uuid primary key,
    incident_id uuid not null references field.incidents (id),
    kind text not null check (kind in ('added', 'withdrawn', 'handed_over')),
    text text not null check (length(text) <= 2000),
    photo_ids uuid[] not null check (cardinality(photo_ids) <= 6),
    written_by uuid not null,
    written_at timestamptz not null
);
create index incident_entries_incident on field.incident_entries (incident_id, id);
create unique index incident_entries_once on field.incident_entries (incident_id, kind) where kind <> 'added';

create function field.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'what was said to a shop is append-only' using errcode = 'restrict_violation';
end $$;

create trigger append_only before update or delete or truncate on field.incidents
    for each statement execute function field.refuse_change();
create trigger append_only before update or delete or truncate on field.incident_entries
    for each statement execute function field.refuse_change();
