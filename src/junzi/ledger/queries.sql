-- name: clock()$
-- The last timestamp given.
select timestamp from ledger.clock;

-- name: set_clock(timestamp, expired_at)!
-- Timestamps up to this one are given, and the last one to an expiry.
update ledger.clock set timestamp = :timestamp, expired_at = greatest(expired_at, :expired_at);

-- name: last_times()^
-- The latest timestamp of an account, and of a transfer or an expiry; 0 for none.
select coalesce((select max(timestamp) from ledger.accounts), 0) as last_account,
    greatest((select max(timestamp) from ledger.transfers), (select expired_at from ledger.clock)) as last_transfer;

-- name: account_times(timestamps)
-- Which of these timestamps accounts have.
select timestamp from ledger.accounts where timestamp = any(:timestamps::bigint[]);

-- name: transfer_times(timestamps)
-- Which of these timestamps transfers have.
select timestamp from ledger.transfers where timestamp = any(:timestamps::bigint[]);

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

-- name: update_accounts(ids, flags, debits_pending, debits_posted, credits_pending, credits_posted)!
-- New balances of these accounts, and whether they are closed.
update ledger.accounts a
set flags = n.flags, debits_pending = n.debits_pending, debits_posted = n.debits_posted,
    credits_pending = n.credits_pending, credits_posted = n.credits_posted
from unnest(:ids::uuid[], :flags::integer[], :debits_pending::bigint[], :debits_posted::bigint[],
    :credits_pending::bigint[], :credits_posted::bigint[])
    n (id, flags, debits_pending, debits_posted, credits_pending, credits_posted)
where a.id = n.id;

-- name: update_pendings(ids, statuses, resolved_at)!
-- These pending transfers are resolved.
update ledger.pendings p set status = n.status, resolved_at = n.resolved_at
from unnest(:ids::uuid[], :statuses::smallint[], :resolved_at::bigint[]) n (id, status, resolved_at)
where p.transfer_id = n.id;

-- name: balance_at(account_id, timestamp)$
-- What stood on an account's credit side beyond its debit side at a moment: what stands there now less what was posted since.
select (a.credits_posted - a.debits_posted
    - coalesce((select sum(amount) from ledger.transfers
        where credit_account_id = a.id and timestamp > :timestamp and flags & 10 = 0), 0)
    + coalesce((select sum(amount) from ledger.transfers
        where debit_account_id = a.id and timestamp > :timestamp and flags & 10 = 0), 0))::bigint
from ledger.accounts a where a.id = :account_id;

-- name: plan_by_values()$
-- What follows in this transaction is planned with the values asked for, and given up after five seconds.
select set_config('plan_cache_mode', 'force_custom_plan', true) || set_config('statement_timeout', '5s', true);

-- name: account_transfers(account_id, debits, credits, user_data_128, user_data_64, user_data_32, code, timestamp_min, timestamp_max, most)
-- An account's transfers, oldest first; each side is read along its own index.
select * from (
    (select id, debit_account_id, credit_account_id, amount, pending_id, user_data_128, user_data_64, user_data_32,
        timeout, ledger, code, flags, timestamp
     from ledger.transfers where :debits::boolean and debit_account_id = :account_id
        and timestamp between :timestamp_min and :timestamp_max
        and (:user_data_128::uuid is null or user_data_128 = :user_data_128)
        and (:user_data_64::bigint = 0 or user_data_64 = :user_data_64)
        and (:user_data_32::bigint = 0 or user_data_32 = :user_data_32)
        and (:code::integer = 0 or code = :code)
     order by timestamp limit :most)
    union all
    (select id, debit_account_id, credit_account_id, amount, pending_id, user_data_128, user_data_64, user_data_32,
        timeout, ledger, code, flags, timestamp
     from ledger.transfers where :credits::boolean and credit_account_id = :account_id
        and timestamp between :timestamp_min and :timestamp_max
        and (:user_data_128::uuid is null or user_data_128 = :user_data_128)
        and (:user_data_64::bigint = 0 or user_data_64 = :user_data_64)
        and (:user_data_32::bigint = 0 or user_data_32 = :user_data_32)
        and (:code::integer = 0 or code = :code)
     order by timestamp limit :most)
) sides order by timestamp limit :most;

-- name: account_transfers_reversed(account_id, debits, credits, user_data_128, user_data_64, user_data_32, code, timestamp_min, timestamp_max, most)
-- The same, newest first.
select * from (
    (select id, debit_account_id, credit_account_id, amount, pending_id, user_data_128, user_data_64, user_data_32,
        timeout, ledger, code, flags, timestamp
     from ledger.transfers where :debits::boolean and debit_account_id = :account_id
        and timestamp between :timestamp_min and :timestamp_max
        and (:user_data_128::uuid is null or user_data_128 = :user_data_128)
        and (:user_data_64::bigint = 0 or user_data_64 = :user_data_64)
        and (:user_data_32::bigint = 0 or user_data_32 = :user_data_32)
        and (:code::integer = 0 or code = :code)
     order by timestamp desc limit :most)
    union all
    (select id, debit_account_id, credit_account_id, amount, pending_id, user_data_128, user_data_64, user_data_32,
        timeout, ledger, code, flags, timestamp
     from ledger.transfers where :credits::boolean and credit_account_id = :account_id
        and timestamp between :timestamp_min and :timestamp_max
        and (:user_data_128::uuid is null or user_data_128 = :user_data_128)
        and (:user_data_64::bigint = 0 or user_data_64 = :user_data_64)
        and (:user_data_32::bigint = 0 or user_data_32 = :user_data_32)
        and (:code::integer = 0 or code = :code)
     order by timestamp desc limit :most)
) sides order by timestamp desc limit :most;

-- name: account_balances(account_id, debits, credits, user_data_128, user_data_64, user_data_32, code, timestamp_min, timestamp_max, most)
-- What an account with HISTORY remembers of these transfers, oldest first.
select b.debits_pending, b.debits_posted, b.credits_pending, b.credits_posted, b.timestamp from (
    (select timestamp
     from ledger.transfers where :debits::boolean and debit_account_id = :account_id
        and timestamp between :timestamp_min and :timestamp_max
        and (:user_data_128::uuid is null or user_data_128 = :user_data_128)
        and (:user_data_64::bigint = 0 or user_data_64 = :user_data_64)
        and (:user_data_32::bigint = 0 or user_data_32 = :user_data_32)
        and (:code::integer = 0 or code = :code)
     order by timestamp limit :most)
    union all
    (select timestamp
     from ledger.transfers where :credits::boolean and credit_account_id = :account_id
        and timestamp between :timestamp_min and :timestamp_max
        and (:user_data_128::uuid is null or user_data_128 = :user_data_128)
        and (:user_data_64::bigint = 0 or user_data_64 = :user_data_64)
        and (:user_data_32::bigint = 0 or user_data_32 = :user_data_32)
        and (:code::integer = 0 or code = :code)
     order by timestamp limit :most)
) sides join ledger.balances b on b.account_id = :account_id and b.timestamp = sides.timestamp
order by b.timestamp limit :most;

-- name: account_balances_reversed(account_id, debits, credits, user_data_128, user_data_64, user_data_32, code, timestamp_min, timestamp_max, most)
-- The same, newest first.
select b.debits_pending, b.debits_posted, b.credits_pending, b.credits_posted, b.timestamp from (
    (select timestamp
     from ledger.transfers where :debits::boolean and debit_account_id = :account_id
        and timestamp between :timestamp_min and :timestamp_max
        and (:user_data_128::uuid is null or user_data_128 = :user_data_128)
        and (:user_data_64::bigint = 0 or user_data_64 = :user_data_64)
        and (:user_data_32::bigint = 0 or user_data_32 = :user_data_32)
        and (:code::integer = 0 or code = :code)
     order by timestamp desc limit :most)
    union all
    (select timestamp
     from ledger.transfers where :credits::boolean and credit_account_id = :account_id
        and timestamp between :timestamp_min and :timestamp_max
        and (:user_data_128::uuid is null or user_data_128 = :user_data_128)
        and (:user_data_64::bigint = 0 or user_data_64 = :user_data_64)
        and (:user_data_32::bigint = 0 or user_data_32 = :user_data_32)
        and (:code::integer = 0 or code = :code)
     order by timestamp desc limit :most)
) sides join ledger.balances b on b.account_id = :account_id and b.timestamp = sides.timestamp
order by b.timestamp desc limit :most;

-- name: query_accounts(user_data_128, user_data_64, user_data_32, ledger, code, timestamp_min, timestamp_max, most)
-- Accounts that have all that is asked for, oldest first.
select id, ledger, code, flags, user_data_128, user_data_64, user_data_32,
    debits_pending, debits_posted, credits_pending, credits_posted, timestamp
from ledger.accounts where timestamp between :timestamp_min and :timestamp_max
    and (:user_data_128::uuid is null or user_data_128 = :user_data_128)
    and (:user_data_64::bigint = 0 or user_data_64 = :user_data_64)
    and (:user_data_32::bigint = 0 or user_data_32 = :user_data_32)
    and (:ledger::bigint = 0 or ledger = :ledger)
    and (:code::integer = 0 or code = :code)
order by timestamp limit :most;

-- name: query_accounts_reversed(user_data_128, user_data_64, user_data_32, ledger, code, timestamp_min, timestamp_max, most)
-- The same, newest first.
select id, ledger, code, flags, user_data_128, user_data_64, user_data_32,
    debits_pending, debits_posted, credits_pending, credits_posted, timestamp
from ledger.accounts where timestamp between :timestamp_min and :timestamp_max
    and (:user_data_128::uuid is null or user_data_128 = :user_data_128)
    and (:user_data_64::bigint = 0 or user_data_64 = :user_data_64)
    and (:user_data_32::bigint = 0 or user_data_32 = :user_data_32)
    and (:ledger::bigint = 0 or ledger = :ledger)
    and (:code::integer = 0 or code = :code)
order by timestamp desc limit :most;

-- name: query_transfers(user_data_128, user_data_64, user_data_32, ledger, code, timestamp_min, timestamp_max, most)
-- Transfers that have all that is asked for, oldest first.
select id, debit_account_id, credit_account_id, amount, pending_id, user_data_128, user_data_64, user_data_32,
    timeout, ledger, code, flags, timestamp
from ledger.transfers where timestamp between :timestamp_min and :timestamp_max
    and (:user_data_128::uuid is null or user_data_128 = :user_data_128)
    and (:user_data_64::bigint = 0 or user_data_64 = :user_data_64)
    and (:user_data_32::bigint = 0 or user_data_32 = :user_data_32)
    and (:ledger::bigint = 0 or ledger = :ledger)
    and (:code::integer = 0 or code = :code)
order by timestamp limit :most;

-- name: query_transfers_reversed(user_data_128, user_data_64, user_data_32, ledger, code, timestamp_min, timestamp_max, most)
-- The same, newest first.
select id, debit_account_id, credit_account_id, amount, pending_id, user_data_128, user_data_64, user_data_32,
    timeout, ledger, code, flags, timestamp
from ledger.transfers where timestamp between :timestamp_min and :timestamp_max
    and (:user_data_128::uuid is null or user_data_128 = :user_data_128)
    and (:user_data_64::bigint = 0 or user_data_64 = :user_data_64)
    and (:user_data_32::bigint = 0 or user_data_32 = :user_data_32)
    and (:ledger::bigint = 0 or ledger = :ledger)
    and (:code::integer = 0 or code = :code)
order by timestamp desc limit :most;

-- name: seal(most)$
-- One more seal, over the oldest transfers that have none: sha256 of the seal before (zeros for the first), number, bounds, count,
-- and every column of every transfer. Numbers big-endian; an id that may be absent after a byte that says whether it is there.
with unsealed as (
    select * from ledger.transfers
    where timestamp > coalesce((select to_timestamp from ledger.seals order by number desc limit 1), 0)
    order by timestamp limit :most
), content as (
    select count(*) as count, max(timestamp) as to_timestamp,
        string_agg(
            uuid_send(id) || uuid_send(debit_account_id) || uuid_send(credit_account_id) || int8send(amount)
            || coalesce('\x01'::bytea || uuid_send(pending_id), '\x00') || coalesce('\x01'::bytea || uuid_send(user_data_128), '\x00')
            || int8send(user_data_64) || int8send(user_data_32) || int8send(timeout) || int8send(ledger) || int4send(code)
            || int4send(flags) || int8send(timestamp), '' order by timestamp) as bytes
    from unsealed
), before as (
    select number, to_timestamp, hash from (
        select number, to_timestamp, hash from ledger.seals union all select 0, 0, decode(repeat('00', 32), 'hex')
    ) seals order by number desc limit 1
), made as (
    insert into ledger.seals (number, from_timestamp, to_timestamp, count, previous_hash, hash)
    select b.number + 1, b.to_timestamp + 1, c.to_timestamp, c.count, b.hash,
        sha256(b.hash || int8send(b.number + 1) || int8send(b.to_timestamp + 1) || int8send(c.to_timestamp) || int8send(c.count)
            || c.bytes)
    from content c cross join before b where c.count > 0
    returning count
)
select coalesce((select count from made), 0);
