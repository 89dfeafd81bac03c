create schema checkout;

-- Purchases. Kept as long as the books.
create table checkout.orders (
    id uuid primary key,
    shop_id uuid not null,
    payer_id uuid not null,
    amount_minor bigint not null check (amount_minor > 0),
    state text not null check (state in ('open', 'processing', 'paid', 'closed')),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    business_date date not null
);

-- Tries to pay an order; all but one were refused. Kept as long as the books.
create table checkout.payments (
    id uuid primary key,
    order_id uuid not null references checkout.orders (id),
    shop_id uuid not null,
    payer_id uuid not null,
    number text not null unique,
    state text not null check (state in ('processing', 'paid', 'refused')),
    amount_minor bigint not null check (amount_minor > 0),
    coupon_minor bigint not null check (coupon_minor >= 0),
    paid_minor bigint not null check (paid_minor >= 0),
    fee_minor bigint not null check (fee_minor between 0 and amount_minor),
    funding text not null check (funding in ('balance', 'card')),
    card_id uuid,
    -- The day whose room at its shop it uses; none when the shop had no bound.
    room_date date,
    reason text,
    created_at timestamptz not null,
    try_at timestamptz not null,
    business_date date not null,
    check (amount_minor = paid_minor + coupon_minor),
    check ((funding = 'card') = (card_id is not null))
);
create unique index payments_one_per_order on checkout.payments (order_id) where state <> 'refused';
create index payments_open on checkout.payments (try_at) where state = 'processing';
create index payments_latest on checkout.payments (created_at desc);

-- The coupons of a payment, in the order of use: place counts from 0. worth_minor: what a coupon is covered with in the ledger; the
-- part above saved_minor goes back to its budget. Kept as long as the books.
create table checkout.payment_coupons (
    payment_id uuid not null references checkout.payments (id),
    place integer not null check (place between 0 and 9),
    coupon_id uuid not null,
    campaign_id uuid not null,
    worth_minor bigint not null check (worth_minor >= saved_minor),
    saved_minor bigint not null check (saved_minor > 0),
    primary key (payment_id, place),
    unique (payment_id, coupon_id)
);
create index payment_coupons_coupon on checkout.payment_coupons (coupon_id);

-- What shops gave back of payments. Kept as long as the books.
create table checkout.refunds (
    id uuid primary key,
    payment_id uuid not null references checkout.payments (id),
    shop_id uuid not null,
    payer_id uuid not null,
    state text not null check (state in ('processing', 'done', 'refused')),
    amount_minor bigint not null check (amount_minor > 0),
    payer_minor bigint not null check (payer_minor >= 0),
    coupon_minor bigint not null check (coupon_minor >= 0),
    fee_minor bigint not null check (fee_minor between 0 and amount_minor),
    reason text not null check (length(reason) <= 60),
    paid_to text check (paid_to in ('balance', 'card')),
    refusal text,
    created_at timestamptz not null,
    try_at timestamptz not null,
    business_date date not null,
    check (amount_minor = payer_minor + coupon_minor),
    check ((state = 'done') = (paid_to is not null)),
    check ((state = 'refused') = (refusal is not null))
);
create index refunds_payment on checkout.refunds (payment_id);
create index refunds_open on checkout.refunds (try_at) where state = 'processing';

-- What of a refund is whose coupon's: of the payment's coupon at that place. back: the coupon becomes its owner's again; otherwise
-- its part goes back to its campaign's budget. Kept as long as the books.
create table checkout.refund_coupons (
    refund_id uuid not null references checkout.refunds (id),
    place integer not null check (place between 0 and 9),
    amount_minor bigint not null check (amount_minor > 0),
    back boolean not null,
    primary key (refund_id, place)
);
