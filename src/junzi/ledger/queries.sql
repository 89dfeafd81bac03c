-- name: clock()$
-- The last timestamp given.
select timestamp from ledger.clock;

-- name: set_clock(timestamp)!
-- Timestamps up to this one are given.
update ledger.clock set timestamp = :timestamp;

-- name: next_expiry()$
-- When the next pending transfer runs out.
select min(expires_at) from ledger.pendings where status = 1 and expires_at > 0;

-- name: due_pendings(timestamp, most)
-- Pending transfers that have run out, in the order in which they did.
select p.transfer_id from ledger.pendings p join ledger.transfers t on t.id = p.transfer_id
where p.status = 1 and p.expires_at > 0 and p.expires_at <= :timestamp
order by p.expires_at, t.timestamp limit :most;

-- name: accounts(ids)
-- These accounts.
select id, ledger, code, flags, user_data_128, user_data_64, user_data_32,
    debits_pending, debits_posted, credits_pending, credits_posted, timestamp
from ledger.accounts where id = any(:ids::uuid[]);

-- name: transfers(ids)
-- These transfers.
select id, debit_account_id, credit_account_id, amount, pending_id, user_data_128, user_data_64, user_data_32,
    timeout, ledger, code, flags, timestamp
from ledger.transfers where id = any(:ids::uuid[]);

-- name: pendings(ids)
-- What became of these pending transfers.
select transfer_id, status, expires_at, resolved_at from ledger.pendings where transfer_id = any(:ids::uuid[]);

-- name: failed_transfers(ids)
-- Which of these ids were refused before.
select id, status from ledger.failed_transfers where id = any(:ids::uuid[]);

-- name: update_balances(ids, debits_pending, debits_posted, credits_pending, credits_posted)!
-- New balances of these accounts.
update ledger.accounts a
set debits_pending = n.debits_pending, debits_posted = n.debits_posted,
    credits_pending = n.credits_pending, credits_posted = n.credits_posted
from unnest(:ids::uuid[], :debits_pending::bigint[], :debits_posted::bigint[],
    :credits_pending::bigint[], :credits_posted::bigint[])
    n (id, debits_pending, debits_posted, credits_pending, credits_posted)
where a.id = n.id;

-- name: update_pendings(ids, statuses, resolved_at)!
-- These pending transfers are resolved.
update ledger.pendings p set status = n.status, resolved_at = n.resolved_at
from unnest(:ids::uuid[], :statuses::smallint[], :resolved_at::bigint[]) n (id, status, resolved_at)
where p.transfer_id = n.id;

-- name: account_transfers(account_id, debits, credits, timestamp_min, timestamp_max, most)
-- An account's transfers, oldest first; each side is read along its own index.
select * from (
    (select id, debit_account_id, credit_account_id, amount, pending_id, user_data_128, user_data_64, user_data_32,
        timeout, ledger, code, flags, timestamp
     from ledger.transfers where :debits::boolean and debit_account_id = :account_id
        and timestamp between :timestamp_min and :timestamp_max order by timestamp limit :most)
    union all
    (select id, debit_account_id, credit_account_id, amount, pending_id, user_data_128, user_data_64, user_data_32,
        timeout, ledger, code, flags, timestamp
     from ledger.transfers where :credits::boolean and credit_account_id = :account_id
        and timestamp between :timestamp_min and :timestamp_max order by timestamp limit :most)
) sides order by timestamp limit :most;

-- name: account_transfers_reversed(account_id, debits, credits, timestamp_min, timestamp_max, most)
-- The same, newest first.
select * from (
    (select id, debit_account_id, credit_account_id, amount, pending_id, user_data_128, user_data_64, user_data_32,
        timeout, ledger, code, flags, timestamp
     from ledger.transfers where :debits::boolean and debit_account_id = :account_id
        and timestamp between :timestamp_min and :timestamp_max order by timestamp desc limit :most)
    union all
    (select id, debit_account_id, credit_account_id, amount, pending_id, user_data_128, user_data_64, user_data_32,
        timeout, ledger, code, flags, timestamp
     from ledger.transfers where :credits::boolean and credit_account_id = :account_id
        and timestamp between :timestamp_min and :timestamp_max order by timestamp desc limit :most)
) sides order by timestamp desc limit :most;
