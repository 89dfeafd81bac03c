create schema kit;

-- The operator whose database this is: one row, made when the database is set up.
create table kit.town (
    one boolean primary key default true check (one),
    name text not null check (length(name) between 1 and 60),
    currency text not null,
    time_zone text not null,
    demo boolean not null,
    demo_filled_at timestamptz,
    created_at timestamptz not null
);

-- What happened, stored with what it happened to; delivered at least once to whoever listens. Kept 35 days.
create sequence kit.outbox_seq;
create table kit.outbox (
    day date not null,
    seq bigint not null default nextval('kit.outbox_seq'),
    id uuid not null,
    type text not null,
    payload jsonb not null,
    at timestamptz not null,
    due_at timestamptz not null,
    attempts integer not null default 0,
    delivered_at timestamptz,
    primary key (day, seq)
) partition by range (day);
create table kit.outbox_other partition of kit.outbox default;
create index outbox_pending on kit.outbox (due_at, seq) where delivered_at is null;

create function kit.outbox_open_day(wanted date) returns void language plpgsql as $$
declare
    partition text := 'outbox_' || to_char(wanted, 'YYYYMMDD');
begin
    if to_regclass('kit.' || partition) is not null then
        return;
    end if;
    execute format('create table kit.%I (like kit.outbox including all)', partition);
    -- Events that a wrong clock dated ahead lie among those of all other days, which would refuse the new partition.
    execute format(
        'with moved as (delete from kit.outbox_other where day = %L returning *) insert into kit.%I select * from moved',
        wanted, partition);
    execute format('alter table kit.outbox attach partition kit.%I for values from (%L) to (%L)', partition, wanted, wanted + 1);
end $$;

create function kit.outbox_drop_before(oldest date) returns integer language plpgsql as $$
declare
    partition record;
    dropped integer := 0;
    pending boolean;
begin
    for partition in
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'kit.outbox'::regclass and c.relname < 'outbox_' || to_char(oldest, 'YYYYMMDD')
          and c.relname ~ '^outbox_\d{8}$'
    loop
        execute format('select exists (select from kit.%I where delivered_at is null)', partition.relname) into pending;
        if not pending then
            execute format('drop table kit.%I', partition.relname);
            dropped := dropped + 1;
        end if;
    end loop;
    delete from kit.outbox_other where day < oldest and delivered_at is not null;
    return dropped;
end $$;

-- Which intent a person's idempotency key stands for. Kept 400 days.
create table kit.idempotency (
    person_id uuid not null,
    key text not null check (length(key) between 8 and 64),
    action text not null,
    body_hash bytea not null,
    intent_id uuid not null,
    at timestamptz not null,
    primary key (person_id, key)
);
create index idempotency_at on kit.idempotency (at);


create schema ledger;

-- Accounts. Whether one is closed is written with the transfer that closes it; its balances are written behind, and contain the
-- transfers and expiries up to the timestamp `applied` and none after it. Kept for ever.
create table ledger.accounts (
    id uuid primary key,
    ledger bigint not null,
    code integer not null,
    flags integer not null,
    user_data_128 uuid,
    user_data_64 bigint not null,
    user_data_32 bigint not null,
    debits_pending bigint not null check (debits_pending >= 0),
    debits_posted bigint not null check (debits_posted >= 0),
    credits_pending bigint not null check (credits_pending >= 0),
    credits_posted bigint not null check (credits_posted >= 0),
    timestamp bigint not null,
    applied bigint not null
) with (fillfactor = 60);
create index accounts_timestamp on ledger.accounts (timestamp);
create index accounts_code on ledger.accounts (code, timestamp);
create index accounts_user_data_128 on ledger.accounts (user_data_128, timestamp) where user_data_128 is not null;
create index accounts_user_data_64 on ledger.accounts (user_data_64, timestamp) where user_data_64 <> 0;
create index accounts_user_data_32 on ledger.accounts (user_data_32, timestamp) where user_data_32 <> 0;
comment on table ledger.accounts is 'fillfactor leaves room for balances to change in place';

-- Transfers are never changed and never deleted. timestamp: nanoseconds since 1970, unique and increasing; they are committed in
-- its order. To find those of an account there are the entries: two random places in an index would be the dearest part of a transfer.
create table ledger.transfers (
    id uuid primary key,
    debit_account_id uuid not null,
    credit_account_id uuid not null,
    amount bigint not null check (amount >= 0),
    pending_id uuid,
    user_data_128 uuid,
    user_data_64 bigint not null,
    user_data_32 bigint not null,
    timeout bigint not null,
    ledger bigint not null,
    code integer not null,
    flags integer not null,
    timestamp bigint not null
);
create index transfers_timestamp on ledger.transfers (timestamp);
create index transfers_code on ledger.transfers (code, timestamp);
create index transfers_user_data_128 on ledger.transfers (user_data_128, timestamp) where user_data_128 is not null;
create index transfers_user_data_64 on ledger.transfers (user_data_64, timestamp) where user_data_64 <> 0;
create index transfers_user_data_32 on ledger.transfers (user_data_32, timestamp) where user_data_32 <> 0;

-- Each transfer once for each of its accounts, entered in bulk behind the posting, up to `progress.entered_to`.
create table ledger.entries (
    account_id uuid not null,
    is_debit boolean not null,
    timestamp bigint not null,
    primary key (account_id, is_debit, timestamp)
);

-- How far what is written behind has come: every account's balances contain what happened up to `applied_to`, and the transfers up to
-- `entered_to` have their entries. One row.
create table ledger.progress (
    one boolean primary key default true check (one),
    applied_to bigint not null,
    entered_to bigint not null
);
insert into ledger.progress (applied_to, entered_to) values (0, 0);

-- The balances of accounts with the flag HISTORY as each transfer left them. timestamp: the transfer's.
create table ledger.balances (
    account_id uuid not null,
    debits_pending bigint not null,
    debits_posted bigint not null,
    credits_pending bigint not null,
    credits_posted bigint not null,
    timestamp bigint not null,
    primary key (account_id, timestamp)
);

-- Seals over all transfers in the order of their timestamps, made behind the posting. Each covers the timestamps after the seal before
-- it, and its hash covers that one's hash, so that no sealed transfer can change, go or come without every later seal telling.
create table ledger.seals (
    number bigint primary key,
    from_timestamp bigint not null,
    to_timestamp bigint not null,
    count bigint not null,
    previous_hash bytea not null,
    hash bytea not null
);

-- What became of each pending transfer: 1 pending, 2 posted, 3 voided, 4 expired. Timestamps of 0 are none.
create table ledger.pendings (
    transfer_id uuid primary key,
    status smallint not null check (status between 1 and 4),
    expires_at bigint not null,
    resolved_at bigint not null
);
create index pendings_due on ledger.pendings (expires_at) where status = 1 and expires_at > 0;
create index pendings_expired on ledger.pendings (resolved_at) where status = 4;

-- Ids of transfers that were refused for a reason of the moment; they can never be used again. status: the reason.
create table ledger.failed_transfers (
    id uuid primary key,
    status integer not null,
    timestamp bigint not null
);

-- Timestamps up to this one may have been given; it runs a few seconds ahead while the writer runs. One row.
create table ledger.clock (
    one boolean primary key default true check (one),
    timestamp bigint not null
);
insert into ledger.clock (timestamp) values (0);


create schema messages;

-- One log each. changed: position in the engine's one count of changes, moved by whatever every member sees.
-- changed_at: when it was opened, or its facts, members or messages last changed; reading does not move it.
-- version: counts the changes of facts and members. edited: the change that last made a standing message another one.
-- called_seq: the newest message that calls everybody.
create table messages.conversations (
    id uuid primary key,
    kind text not null,
    facts jsonb not null,
    head_seq bigint not null,
    member_count integer not null,
    version bigint not null,
    called_seq bigint not null,
    edited bigint not null,
    changed bigint not null,
    changed_at timestamptz not null,
    at timestamptz not null
) with (fillfactor = 70);

-- Who is or was in a conversation, since after which message, and how far they have read. left_seq: the last message of whoever
-- left. cleared_seq: up to where they deleted everything for themselves. called_seq: the newest message that calls them.
-- facts are shown to all members, own to the member alone. deleted: the change at which they last deleted for themselves.
create table messages.members (
    conversation_id uuid not null,
    member_id uuid not null,
    read_seq bigint not null,
    joined_seq bigint not null,
    left_seq bigint,
    cleared_seq bigint not null,
    called_seq bigint not null,
    facts jsonb not null,
    own jsonb not null,
    deleted bigint not null,
    changed bigint not null,
    primary key (conversation_id, member_id)
) with (fillfactor = 70);
create index members_member on messages.members (member_id);

-- The messages: one row each, whatever the size of the conversation. A sender of null is the house itself.
create table messages.log (
    conversation_id uuid not null,
    seq bigint not null check (seq > 0),
    client_id text not null,
    sender_id uuid,
    kind text not null,
    payload jsonb not null,
    fallback text not null,
    may_recall boolean not null,
    may_forward boolean not null,
    at timestamptz not null,
    primary key (conversation_id, seq)
);
-- A resend is found by the client's own name for the message.
create unique index log_client on messages.log (conversation_id, client_id, sender_id) nulls not distinct;

-- Messages that became others after they were written, and at which change: what a device has to learn anew.
create table messages.edits (
    conversation_id uuid not null,
    seq bigint not null,
    changed bigint not null,
    primary key (conversation_id, seq)
);
create index edits_changed on messages.edits (conversation_id, changed);

-- Messages that a member deleted for themself. Rows up to their cleared_seq are dropped.
create table messages.deleted (
    conversation_id uuid not null,
    member_id uuid not null,
    seq bigint not null,
    changed bigint not null,
    primary key (conversation_id, member_id, seq)
);

-- The count of changes, given out by the one writer in the order of its commits. One row.
create table messages.clock (
    one boolean primary key default true check (one),
    changed bigint not null
);
insert into messages.clock (changed) values (0);


create schema bank;

-- A person's bound cards: the issuer's token, what the issuer and what the person recognise the card by. Erased with the person.
create table bank.cards (
    id uuid primary key,
    person_id uuid not null,
    token text not null,
    bank_name text not null,
    last4 text not null check (last4 ~ '^\d{4}$'),
    fingerprint text not null,
    state text not null check (state in ('active', 'removed')),
    bound_at timestamptz not null
);
create unique index cards_active on bank.cards (person_id, fingerprint) where state = 'active';

-- Intents to bind a card. Erased with the person.
create table bank.bindings (
    id uuid primary key,
    person_id uuid not null,
    state text not null check (state in ('started', 'bound', 'refused')),
    return_url text not null,
    page_url text not null,
    card_id uuid,
    reason text,
    started_at timestamptz not null,
    ask_at timestamptz not null
);
create index bindings_open on bank.bindings (ask_at) where state = 'started';

-- Money asked of an issuer; the id is the reference it knows the debit by. Kept as long as the books.
create table bank.debits (
    id uuid primary key,
    card_id uuid not null,
    amount_minor bigint not null check (amount_minor > 0),
    currency text not null,
    text text not null,
    state text not null check (state in ('asked', 'succeeded', 'declined')),
    reason text,
    asked_at timestamptz not null,
    answered_at timestamptz,
    business_date date not null
);

-- Money given back to a card; the id is the reference the issuer knows the credit by. Kept as long as the books.
create table bank.credits (
    id uuid primary key,
    card_id uuid not null,
    amount_minor bigint not null check (amount_minor > 0),
    currency text not null,
    text text not null,
    state text not null check (state in ('asked', 'succeeded', 'declined')),
    reason text,
    asked_at timestamptz not null,
    answered_at timestamptz,
    business_date date not null
);


create schema media;

-- Uploaded files. The bytes lie in the blob store under owner and blob (the hash of what is kept), so that one owner's equal
-- files share them and nobody else's do. A file that was never sent is forgotten after a day; erased with its owner.
create table media.files (
    id uuid primary key,
    owner_id uuid not null,
    kind text not null check (kind in ('picture', 'voice', 'file')),
    name text not null check (length(name) <= 200),
    type text not null,
    bytes bigint not null check (bytes >= 0),
    width integer,
    height integer,
    blob text not null,
    created_at timestamptz not null
);
create index files_blob on media.files (owner_id, blob);
create index files_created on media.files (created_at, id);

-- Who else reads a file: whoever reads that place of that room. reference: what in the place shows it.
create table media.readings (
    media_id uuid not null references media.files (id) on delete cascade,
    room text not null,
    place_id uuid not null,
    reference text not null,
    original boolean not null,
    primary key (media_id, room, place_id, reference)
);
create index readings_place on media.readings (room, place_id, reference);

-- How much somebody uploaded on a business day. Kept a few days.
create table media.days (
    owner_id uuid not null,
    day date not null,
    bytes bigint not null,
    primary key (owner_id, day)
);


create schema people;

-- Everybody who has an account. Erased with the account; the books keep bare ids.
create table people.persons (
    id uuid primary key,
    handle text not null unique check (handle ~ '^[a-z0-9_]{3,20}$'),
    name text not null check (length(name) between 1 and 40),
    avatar integer not null check (avatar between 0 and 63),
    locale text not null check (locale in ('zh', 'en')),
    password_hash text not null,
    -- Coupons count by the human being, who may hold several accounts; until identities are checked it is the person's own id.
    natural_person_id uuid not null,
    pin_hash text,
    pin_key_id text,
    pin_failures integer not null default 0,
    pin_lockouts integer not null default 0,
    pin_locked_until timestamptz,
    last_active_date date,
    created_at timestamptz not null,
    check ((pin_hash is null) = (pin_key_id is null))
);

-- Devices on which somebody is signed in. A revoked session's row is gone; one that was not seen for 180 days is forgotten.
create table people.sessions (
    id uuid primary key,
    person_id uuid not null references people.persons (id) on delete cascade,
    token_hash bytea not null unique,
    device text not null,
    created_at timestamptz not null,
    seen_at timestamptz not null
);
create index sessions_person on people.sessions (person_id, created_at);

-- Failed tries to sign in, by handle and by address. Forgotten a day after the last one.
create table people.attempts (
    subject text primary key,
    failures integer not null,
    retry_at timestamptz,
    last_at timestamptz not null
);
create index attempts_last on people.attempts (last_at);

-- Browsers that wait for a phone to sign them in: hashes of the code they show and of the secret they keep. Forgotten after an hour.
create table people.sign_ins (
    id uuid primary key,
    code_hash bytea not null unique,
    browser_hash bytea not null unique,
    device text not null,
    address text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    seen_by uuid,
    decision text check (decision in ('approved', 'refused', 'taken')),
    check (decision is null or seen_by is not null)
);
create index sign_ins_address on people.sign_ins (address, created_at);
create index sign_ins_created on people.sign_ins (created_at);


create schema operators;

-- Who works for the operator.
create table operators.staff (
    person_id uuid primary key,
    role text not null check (role in ('administrator')),
    since timestamptz not null
);

-- What the operator's staff did, for good: rows are added and nothing else. No person means the machine's own console.
create table operators.audit_trail (
    id uuid primary key,
    person_id uuid,
    action text not null check (length(action) between 1 and 100),
    facts jsonb not null,
    at timestamptz not null
);

create function operators.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the audit trail is append-only' using errcode = 'restrict_violation';
end $$;

create trigger append_only before update or delete or truncate on operators.audit_trail
    for each statement execute function operators.refuse_change();


create schema notices;

-- Where a signed-in device takes pushes (RFC 8030): one a session. Dropped when the push service says it is gone, when it failed
-- often, and with the session.
create table notices.subscriptions (
    session_id uuid primary key,
    person_id uuid not null,
    endpoint text not null unique check (length(endpoint) <= 1000),
    p256dh bytea not null check (length(p256dh) = 65),
    auth bytea not null check (length(auth) = 16),
    shows_text boolean not null,
    failures integer not null default 0,
    created_at timestamptz not null
);
create index subscriptions_person on notices.subscriptions (person_id);

-- When a person wants none, in the operator's time zone; may run over midnight. Erased with the person.
create table notices.quiet_hours (
    person_id uuid primary key,
    quiet_from time not null,
    quiet_until time not null check (quiet_until <> quiet_from)
);


create schema codes;

-- Every code ever issued. A code stays; what it points to may change, and it may be replaced by another. A target has one of its own,
-- and may have adopted others that were printed for something else.
create table codes.codes (
    code text primary key,
    kind text not null check (kind in ('S', 'P', 'O', 'T', 'B')),
    target_id uuid not null,
    created_at timestamptz not null,
    replaced_at timestamptz,
    adopted boolean not null default false
);
create unique index codes_target on codes.codes (target_id) where replaced_at is null and not adopted;
create index codes_adopted on codes.codes (target_id) where adopted;

-- What a code pointed to before, and who turned it. Kept as long as the code.
create table codes.turns (
    id uuid primary key,
    code text not null references codes.codes (code),
    from_kind text not null,
    from_target_id uuid not null,
    to_kind text not null,
    to_target_id uuid not null,
    by_id uuid not null,
    at timestamptz not null
);
create index turns_code on codes.turns (code, at);


create schema contacts;

-- Who asked whom to be friends. Two people have at most one open request, whoever asked. Erased with either person.
create table contacts.requests (
    id uuid primary key,
    from_id uuid not null,
    to_id uuid not null check (to_id <> from_id),
    greeting text not null check (length(greeting) <= 100),
    created_at timestamptz not null,
    accepted_at timestamptz
);
create unique index requests_open on contacts.requests (least(from_id, to_id), greatest(from_id, to_id))
    where accepted_at is null;
create index requests_from on contacts.requests (from_id, created_at);
create index requests_to on contacts.requests (to_id, created_at);

-- Friends, one row a direction, so that a list is one scan. Erased with either person.
create table contacts.friendships (
    person_id uuid not null,
    friend_id uuid not null check (friend_id <> person_id),
    since timestamptz not null,
    primary key (person_id, friend_id)
);

-- Who takes nothing from whom. Erased with either person.
create table contacts.blocks (
    person_id uuid not null,
    blocked_id uuid not null check (blocked_id <> person_id),
    since timestamptz not null,
    primary key (person_id, blocked_id)
);


create schema chat;

-- Codes by which a group is joined: the hash of what stands in the QR code. One a person and group; over after a week.
create table chat.invitations (
    token_hash bytea primary key,
    group_id uuid not null,
    inviter_id uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    unique (group_id, inviter_id)
);
create index invitations_expires on chat.invitations (expires_at);

-- To whom somebody who is no friend began to write. Bounds how many a day; kept a week.
create table chat.requests (
    from_id uuid not null,
    to_id uuid not null,
    at timestamptz not null,
    primary key (from_id, to_id)
);
create index requests_at on chat.requests (from_id, at);

-- What people put before the operator. messages: the chosen ones as they were read, and no others. Kept a year after it is closed.
create table chat.reports (
    id uuid primary key,
    reporter_id uuid not null,
    conversation_id uuid not null,
    reason text not null check (reason in ('spam', 'fraud', 'abuse', 'other')),
    note text not null check (length(note) <= 500),
    messages jsonb not null,
    created_at timestamptz not null,
    closed_at timestamptz,
    closed_by uuid,
    outcome text check (outcome in ('dismissed', 'warned', 'noted')),
    check ((closed_at is null) = (outcome is null))
);
create index reports_open on chat.reports (created_at, id) where closed_at is null;
create index reports_reporter on chat.reports (reporter_id, created_at);


create schema wallet;

-- Intents to move money from a card to the balance. Kept as long as the books.
create table wallet.topups (
    id uuid primary key,
    person_id uuid not null,
    card_id uuid not null,
    amount_minor bigint not null check (amount_minor > 0),
    state text not null check (state in ('processing', 'succeeded', 'refused')),
    reason text,
    created_at timestamptz not null,
    try_at timestamptz not null,
    business_date date not null
);
create index topups_open on wallet.topups (try_at) where state = 'processing';

-- Intents to move money from one person to another. Kept as long as the books.
create table wallet.transfers (
    id uuid primary key,
    payer_id uuid not null,
    payee_id uuid not null check (payee_id <> payer_id),
    amount_minor bigint not null check (amount_minor > 0),
    note text not null check (length(note) <= 60),
    state text not null check (state in ('processing', 'succeeded', 'refused')),
    reason text,
    created_at timestamptz not null,
    try_at timestamptz not null,
    business_date date not null
);
create index transfers_open on wallet.transfers (try_at) where state = 'processing';

-- One row a movement and person, keyed by the ledger transfer; audited against the ledger. Kept as long as the books.
create table wallet.bills (
    person_id uuid not null,
    id uuid not null,
    kind text not null check (kind in ('topup', 'payment', 'transfer_in', 'transfer_out', 'refund', 'commission')),
    amount_minor bigint not null,
    discount_minor bigint not null check (case kind when 'refund' then discount_minor <= 0 else discount_minor >= 0 end),
    counterparty jsonb not null,
    note text not null,
    at timestamptz not null,
    business_date date not null,
    order_id uuid,
    moves_balance boolean not null,
    primary key (person_id, id)
);
create index bills_saved on wallet.bills (person_id, business_date) include (discount_minor) where discount_minor <> 0;


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


create schema settlement;

-- Where a shop's money goes. looked_on: the last business day whose morning was looked at. Kept as long as the shop.
create table settlement.bank_accounts (
    shop_id uuid primary key,
    card_id uuid not null,
    automatic boolean not null,
    since timestamptz not null,
    looked_on date not null
);
create index bank_accounts_due on settlement.bank_accounts (looked_on) where automatic;

-- Every change of it, for good. No card: it was taken away. Nobody: the house did it, the card being bound no longer.
create table settlement.bank_account_changes (
    id uuid primary key,
    shop_id uuid not null,
    card_id uuid,
    by_id uuid,
    at timestamptz not null
);
create index bank_account_changes_shop on settlement.bank_account_changes (shop_id, id);

-- Money of shops on its way to the bank. Kept as long as the books.
create table settlement.payouts (
    id uuid primary key,
    shop_id uuid not null,
    card_id uuid not null,
    asked_by uuid,
    state text not null check (state in ('processing', 'done', 'returned', 'refused')),
    amount_minor bigint not null check (amount_minor > 0),
    reason text,
    created_at timestamptz not null,
    try_at timestamptz not null,
    finished_at timestamptz,
    business_date date not null,
    check ((state = 'processing') = (finished_at is null)),
    check ((state in ('returned', 'refused')) = (reason is not null))
);
create index payouts_shop on settlement.payouts (shop_id, id desc);
create index payouts_latest on settlement.payouts (created_at desc);
create index payouts_open on settlement.payouts (try_at) where state = 'processing';


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
