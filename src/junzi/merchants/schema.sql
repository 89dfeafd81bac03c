create schema merchants;

-- Parts of the town, as the operator draws them. Kept as long as the books.
create table merchants.areas (
    id uuid primary key,
    name jsonb not null,
    created_at timestamptz not null
);

-- Shops. Kept as long as the books.
create table merchants.shops (
    id uuid primary key,
    owner_id uuid not null,
    name text not null check (length(name) between 1 and 40),
    trade text not null,
    place text not null check (length(place) <= 80),
    picture text not null check (length(picture) between 1 and 8),
    -- A file of media, shown instead of the drawn picture where there is one.
    photo_id uuid,
    state text not null check (state in ('opening', 'open', 'closed')),
    opened_at timestamptz not null,
    -- Shown to others under a neutral name alone.
    discreet boolean not null default false,
    -- Its code was taken back: written by standing, which keeps why.
    withdrawn boolean not null default false,
    -- For a reason that lies with its owner, who opens no other meanwhile. Written by standing.
    bars_owner boolean not null default false,
    -- An operator has looked at it. Written by standing.
    reviewed boolean not null default false,
    area_id uuid references merchants.areas
);
create index shops_owner on merchants.shops (owner_id, opened_at);
create index shops_opening on merchants.shops (opened_at) where state = 'opening';

-- One row a payment received and one a refund, with amounts below zero, for the shop's eyes. Kept as long as the books.
create table merchants.takings (
    shop_id uuid not null,
    id uuid not null,
    order_id uuid not null,
    kind text not null check (kind in ('payment', 'refund')),
    amount_minor bigint not null check (amount_minor <> 0 and (kind = 'refund') = (amount_minor < 0)),
    paid_minor bigint not null check (paid_minor * sign(amount_minor) >= 0),
    coupon_minor bigint not null check (coupon_minor * sign(amount_minor) >= 0),
    fee_minor bigint not null check (fee_minor * sign(amount_minor) >= 0),
    payer_name text not null,
    at timestamptz not null,
    business_date date not null,
    till_id uuid,
    primary key (shop_id, id),
    check (amount_minor = paid_minor + coupon_minor)
);
create index takings_order on merchants.takings (order_id);
create index takings_day on merchants.takings (shop_id, business_date) include (amount_minor, kind);

-- What a shop took in until the end of a day, so that nobody adds up years of takings: those of later days are added to it. A day is summed
-- up when it is surely over, since a taking belongs to the day on which its row is written.
create table merchants.totals (
    shop_id uuid primary key,
    through date not null,
    count bigint not null check (count >= 0),
    amount_minor bigint not null
);

-- Amounts that a shop asked for once, at its till. The first who scans the code holds it by an order. Kept as long as the books.
create table merchants.charges (
    id uuid primary key,
    shop_id uuid not null,
    amount_minor bigint not null check (amount_minor > 0),
    note text not null check (length(note) <= 40),
    asked_by uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    order_id uuid unique,
    payer_id uuid,
    till_id uuid,
    check ((order_id is null) = (payer_id is null))
);

-- Who works at a shop beside its owner. The row goes when they do.
create table merchants.staff (
    shop_id uuid not null,
    person_id uuid not null,
    role text not null check (role in ('cashier')),
    state text not null check (state in ('invited', 'active')),
    since timestamptz not null,
    primary key (shop_id, person_id)
);
create index staff_person on merchants.staff (person_id, state);

-- Shops that are stores of one merchant, which is known by its first shop. A shop that stands alone has no row.
create table merchants.stores (
    shop_id uuid primary key references merchants.shops (id),
    merchant_id uuid not null references merchants.shops (id),
    branch text not null check (length(branch) <= 20),
    -- What it was called before it was joined; one that opened as a store never had another name.
    former_name text
);
create index stores_merchant on merchants.stores (merchant_id);

-- What owners changed of what their shops say of themselves. A change that an operator has to look at waits until then. Kept as long as
-- the books.
create table merchants.profile_changes (
    id uuid primary key,
    shop_id uuid not null references merchants.shops (id),
    state text not null check (state in ('waiting', 'made', 'declined', 'dropped')),
    before jsonb not null,
    change jsonb not null,
    asked_by uuid not null,
    asked_at timestamptz not null,
    decided_by uuid,
    decided_at timestamptz,
    check ((decided_by is null) = (decided_at is null)),
    check (state <> 'waiting' or decided_by is null)
);
create unique index profile_changes_waiting on merchants.profile_changes (shop_id) where state = 'waiting';
create index profile_changes_shop on merchants.profile_changes (shop_id, asked_at);

-- Tills of a shop that has several, each with a code of its own. A till that was removed stays for the books.
create table merchants.tills (
    id uuid primary key,
    shop_id uuid not null references merchants.shops (id),
    name text not null check (length(name) between 1 and 20),
    state text not null check (state in ('open', 'removed')),
    created_at timestamptz not null
);
create unique index tills_name on merchants.tills (shop_id, name) where state = 'open';

-- At which till an order was made; an order at the shop's own code has no row. Kept as long as the books.
create table merchants.till_orders (
    order_id uuid primary key,
    till_id uuid not null references merchants.tills (id)
);

-- What a shop pays of each payment, in hundredths of a percent: the latest that has begun counts, and none is nothing. Rows are added
-- and nothing else. Kept as long as the books.
create table merchants.agreements (
    id uuid primary key,
    shop_id uuid not null,
    permyriad integer not null check (permyriad between 0 and 1000),
    valid_from timestamptz not null,
    agreed_by uuid not null,
    agreed_at timestamptz not null
);
create index agreements_shop on merchants.agreements (shop_id, valid_from desc, id desc);

-- Fees that the operator does not take while that agreement is the one that counts, up to a budget. id: of what they are waived for;
-- permyriad: what is waived, and what the shop pays again as soon as the budget is used up.
create table merchants.waivers (
    id uuid primary key,
    agreement_id uuid not null unique references merchants.agreements (id),
    permyriad integer not null check (permyriad between 1 and 1000),
    budget_minor bigint not null check (budget_minor > 0),
    waived_minor bigint not null default 0 check (waived_minor between 0 and budget_minor)
);

-- What was waived of a payment's fee. The row goes when the payment comes to nothing.
create table merchants.waived_fees (
    payment_id uuid primary key,
    waiver_id uuid not null references merchants.waivers (id),
    fee_minor bigint not null check (fee_minor > 0)
);
create index waived_fees_waiver on merchants.waived_fees (waiver_id);
