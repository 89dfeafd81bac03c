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
