create schema ledger;

-- Accounts with their balances, written in the transaction of the transfers that change them. Kept for ever.
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
    timestamp bigint not null
) with (fillfactor = 60);
comment on table ledger.accounts is 'fillfactor leaves room for balances to change in place';

-- Transfers are never changed and never deleted. timestamp: nanoseconds since 1970, unique and increasing.
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
create index transfers_debit on ledger.transfers (debit_account_id, timestamp);
create index transfers_credit on ledger.transfers (credit_account_id, timestamp);

-- What became of each pending transfer: 1 pending, 2 posted, 3 voided, 4 expired. Timestamps of 0 are none.
create table ledger.pendings (
    transfer_id uuid primary key,
    status smallint not null check (status between 1 and 4),
    expires_at bigint not null,
    resolved_at bigint not null
);
create index pendings_due on ledger.pendings (expires_at) where status = 1 and expires_at > 0;

-- Ids of transfers that were refused for a reason of the moment; they can never be used again. status: the reason.
create table ledger.failed_transfers (
    id uuid primary key,
    status integer not null,
    timestamp bigint not null
);

-- The last timestamp given, so that none is given twice when the clock is set back. One row.
create table ledger.clock (
    one boolean primary key default true check (one),
    timestamp bigint not null
);
insert into ledger.clock (timestamp) values (0);
