-- name: reserved()$
-- Timestamps up to this one may have been given.
select timestamp from ledger.clock;

-- name: reserve(timestamp)!
-- Timestamps up to this one may be given.
update ledger.clock set timestamp = :timestamp where timestamp < :timestamp;

-- name: stop_clock(timestamp)!
-- Timestamps up to this one were given, and no later one.
update ledger.clock set timestamp = :timestamp where timestamp <> :timestamp;

-- name: last_times()^
-- The latest timestamp of an account, and of a transfer or an expiry; 0 for none.
select coalesce((select max(timestamp) from ledger.accounts), 0) as last_account,
    greatest((select max(timestamp) from ledger.transfers), (select max(resolved_at) from ledger.pendings where status = 4), 0)
        as last_transfer;

-- name: account_times(timestamps)
-- Which of these timestamps accounts have.
select timestamp from ledger.accounts where timestamp = any(:timestamps::bigint[]);

-- name: transfer_times(timestamps)
-- Which of these timestamps transfers have.
select timestamp from ledger.transfers where timestamp = any(:timestamps::bigint[]);

-- name: horizon(bound)$
-- The last id up to the bound under which there is anything.
select id from (
    (select id from ledger.transfers where id <= :bound order by id desc limit 1)
    union all
    (select id from ledger.failed_transfers where id <= :bound order by id desc limit 1)) last
order by id desc limit 1;

-- name: ids_beyond(bound, most)
-- Ids after the bound.
(select id from ledger.transfers where id > :bound limit :most)
union all
(select id from ledger.failed_transfers where id > :bound limit :most);

-- name: next_expiry_after(timestamp)$
-- When the next one runs out after that moment.
select min(expires_at) from ledger.pendings where status = 1 and expires_at > 0 and expires_at > :timestamp;

-- name: due_pendings(timestamp, most)
-- Pending transfers that have run out, in the order in which they did.
select p.transfer_id from ledger.pendings p join ledger.transfers t on t.id = p.transfer_id
where p.status = 1 and p.expires_at > 0 and p.expires_at <= :timestamp
order by p.expires_at, t.timestamp limit :most;

-- name: accounts(ids)
-- These accounts, with the timestamp up to which their balances contain what happened.
select id, ledger, code, flags, user_data_128, user_data_64, user_data_32,
    debits_pending, debits_posted, credits_pending, credits_posted, timestamp, applied
from ledger.accounts where id = any(:ids::uuid[]);

-- name: transfers(ids)
-- These transfers.
select id, debit_account_id, credit_account_id, amount, pending_id, user_data_128, user_data_64, user_data_32,
    timeout, ledger, code, flags, timestamp
from ledger.transfers where id = any(:ids::uuid[]);

-- name: pendings(ids)
-- What became of these pending transfers.
select transfer_id, status, expires_at from ledger.pendings where transfer_id = any(:ids::uuid[]);

-- name: failed_transfers(ids)
-- Which of these ids were refused before.
select id from ledger.failed_transfers where id = any(:ids::uuid[]);

-- name: update_flags(ids, flags)!
-- Whether these accounts are closed.
update ledger.accounts a set flags = n.flags
from unnest(:ids::uuid[], :flags::integer[]) n (id, flags) where a.id = n.id;

-- name: update_pendings(ids, statuses, resolved_at)!
-- These pending transfers are resolved.
update ledger.pendings p set status = n.status, resolved_at = n.resolved_at
from unnest(:ids::uuid[], :statuses::smallint[], :resolved_at::bigint[]) n (id, status, resolved_at)
where p.transfer_id = n.id;

-- name: update_balances(ids, debits_pending, debits_posted, credits_pending, credits_posted, applied)!
-- The balances of these accounts as all that happened up to `applied` has left them, unless there are later ones already.
update ledger.accounts a
set debits_pending = n.debits_pending, debits_posted = n.debits_posted,
    credits_pending = n.credits_pending, credits_posted = n.credits_posted, applied = :applied
from unnest(:ids::uuid[], :debits_pending::bigint[], :debits_posted::bigint[], :credits_pending::bigint[], :credits_posted::bigint[])
    n (id, debits_pending, debits_posted, credits_pending, credits_posted)
where a.id = n.id and a.applied < :applied;

-- name: set_applied(timestamp)!
-- Every account contains what happened up to this timestamp.
update ledger.progress set applied_to = :timestamp where applied_to < :timestamp;

-- name: recover_until(most)$
-- The timestamp of the transfer so many after those that all accounts contain, if there are so many.
select timestamp from ledger.transfers where timestamp > (select applied_to from ledger.progress)
order by timestamp limit 1 offset :most;

-- name: moved(after, most)
-- What moved after that timestamp and the balances that all accounts contain, in no order, up to so many; a post or void gives the
-- pending amount back, and so does an expiry.
with after as (
    select greatest(applied_to, :after) as timestamp from ledger.progress
)
select t.timestamp, t.debit_account_id, t.credit_account_id,
    case when t.flags & 2 <> 0 then t.amount else 0 end as pending, case when t.flags & 2 = 0 then t.amount else 0 end as posted
from ledger.transfers t where t.timestamp > (select timestamp from after) and t.flags & 12 = 0
union all
select r.timestamp, p.debit_account_id, p.credit_account_id, -p.amount, case when r.flags & 4 <> 0 then r.amount else 0 end
from ledger.transfers r join ledger.transfers p on p.id = r.pending_id
where r.timestamp > (select timestamp from after) and r.flags & 12 <> 0
union all
select e.resolved_at, p.debit_account_id, p.credit_account_id, -p.amount, 0
from ledger.pendings e join ledger.transfers p on p.id = e.transfer_id
where e.status = 4 and e.resolved_at > (select timestamp from after)
limit :most;

-- name: recover(until)$
-- Add to the balances what came after them, up to that timestamp; returns how many accounts that changed. A post or void gives the
-- pending amount back, and so does an expiry.
with after as (
    select applied_to as timestamp from ledger.progress
), moves as (
    select t.timestamp, t.debit_account_id, t.credit_account_id,
        case when t.flags & 2 <> 0 then t.amount else 0 end as pending, case when t.flags & 2 = 0 then t.amount else 0 end as posted
    from ledger.transfers t where t.timestamp > (select timestamp from after) and t.timestamp <= :until and t.flags & 12 = 0
    union all
    select r.timestamp, p.debit_account_id, p.credit_account_id, -p.amount, case when r.flags & 4 <> 0 then r.amount else 0 end
    from ledger.transfers r join ledger.transfers p on p.id = r.pending_id
    where r.timestamp > (select timestamp from after) and r.timestamp <= :until and r.flags & 12 <> 0
    union all
    select e.resolved_at, p.debit_account_id, p.credit_account_id, -p.amount, 0
    from ledger.pendings e join ledger.transfers p on p.id = e.transfer_id
    where e.status = 4 and e.resolved_at > (select timestamp from after) and e.resolved_at <= :until
), sides as (
    select debit_account_id as account_id, timestamp, pending as debits_pending, posted as debits_posted,
        0::bigint as credits_pending, 0::bigint as credits_posted from moves
    union all
    select credit_account_id, timestamp, 0, 0, pending, posted from moves
), sums as (
    select a.id, max(s.timestamp) as applied, sum(s.debits_pending)::bigint as debits_pending, sum(s.debits_posted)::bigint as debits_posted,
        sum(s.credits_pending)::bigint as credits_pending, sum(s.credits_posted)::bigint as credits_posted
    from sides s join ledger.accounts a on a.id = s.account_id and a.applied < s.timestamp group by a.id
), written as (
    update ledger.accounts a
    set debits_pending = a.debits_pending + s.debits_pending, debits_posted = a.debits_posted + s.debits_posted,
        credits_pending = a.credits_pending + s.credits_pending, credits_posted = a.credits_posted + s.credits_posted,
        applied = s.applied
    from sums s where a.id = s.id returning 1
)
select count(*) from written;

-- name: enter(most)$
-- Entries of the oldest transfers that have none; returns how many transfers those were.
with progress as (
    select entered_to from ledger.progress for update
), unentered as (
    select debit_account_id, credit_account_id, timestamp from ledger.transfers
    where timestamp > (select entered_to from progress) order by timestamp limit :most
), entered as (
    insert into ledger.entries (account_id, is_debit, timestamp)
    select * from (
        select debit_account_id, true, timestamp from unentered union all select credit_account_id, false, timestamp from unentered
    ) sides (account_id, is_debit, timestamp) order by account_id, is_debit, timestamp
), moved as (
    update ledger.progress set entered_to = (select max(timestamp) from unentered) where exists (select from unentered)
)
select count(*) from unentered;

-- name: balance_at(account_id, timestamp)$
-- What stood on an account's credit side beyond its debit side at a moment: what its row says, with what was posted between the two
-- moments added, or taken away. What has no entries yet is looked for among the newest transfers.
with account as (
    select id, credits_posted - debits_posted as balance, applied, least(applied, :timestamp) as earlier,
        greatest(applied, :timestamp) as later
    from ledger.accounts where id = :account_id
), between_them as (
    select t.amount, e.is_debit from account a
    join ledger.entries e on e.account_id = a.id and e.timestamp > a.earlier and e.timestamp <= a.later
    join ledger.transfers t on t.timestamp = e.timestamp
    where t.flags & 10 = 0
    union all
    select t.amount, t.debit_account_id = a.id from account a
    join ledger.transfers t on t.timestamp > greatest(a.earlier, (select entered_to from ledger.progress)) and t.timestamp <= a.later
    where a.id in (t.debit_account_id, t.credit_account_id) and t.flags & 10 = 0
)
select (a.balance + case when :timestamp > a.applied then 1 else -1 end
    * coalesce((select sum(case when is_debit then -amount else amount end) from between_them), 0))::bigint
from account a;

-- name: plan_by_values()$
-- What follows in this transaction is planned with the values asked for, and given up after five seconds.
select set_config('plan_cache_mode', 'force_custom_plan', true) || set_config('statement_timeout', '5s', true);

-- name: account_transfers(account_id, debits, credits, user_data_128, user_data_64, user_data_32, code, timestamp_min, timestamp_max, most)
-- An account's transfers, oldest first: each side along its entries, and what has no entries yet.
select * from (
    (select t.id, t.debit_account_id, t.credit_account_id, t.amount, t.pending_id, t.user_data_128, t.user_data_64, t.user_data_32,
        t.timeout, t.ledger, t.code, t.flags, t.timestamp
     from ledger.entries e join ledger.transfers t on t.timestamp = e.timestamp
     where :debits::boolean and e.account_id = :account_id and e.is_debit = true
        and e.timestamp between :timestamp_min and :timestamp_max
        and (:user_data_128::uuid is null or t.user_data_128 = :user_data_128)
        and (:user_data_64::bigint = 0 or t.user_data_64 = :user_data_64)
        and (:user_data_32::bigint = 0 or t.user_data_32 = :user_data_32)
        and (:code::integer = 0 or t.code = :code)
     order by e.timestamp limit :most)
    union all
    (select t.id, t.debit_account_id, t.credit_account_id, t.amount, t.pending_id, t.user_data_128, t.user_data_64, t.user_data_32,
        t.timeout, t.ledger, t.code, t.flags, t.timestamp
     from ledger.entries e join ledger.transfers t on t.timestamp = e.timestamp
     where :credits::boolean and e.account_id = :account_id and e.is_debit = false
        and e.timestamp between :timestamp_min and :timestamp_max
        and (:user_data_128::uuid is null or t.user_data_128 = :user_data_128)
        and (:user_data_64::bigint = 0 or t.user_data_64 = :user_data_64)
        and (:user_data_32::bigint = 0 or t.user_data_32 = :user_data_32)
        and (:code::integer = 0 or t.code = :code)
     order by e.timestamp limit :most)
    union all
    (select t.id, t.debit_account_id, t.credit_account_id, t.amount, t.pending_id, t.user_data_128, t.user_data_64, t.user_data_32,
        t.timeout, t.ledger, t.code, t.flags, t.timestamp
     from ledger.transfers t
     where t.timestamp > (select entered_to from ledger.progress) and t.timestamp between :timestamp_min and :timestamp_max
        and (:debits::boolean and t.debit_account_id = :account_id or :credits::boolean and t.credit_account_id = :account_id)
        and (:user_data_128::uuid is null or t.user_data_128 = :user_data_128)
        and (:user_data_64::bigint = 0 or t.user_data_64 = :user_data_64)
        and (:user_data_32::bigint = 0 or t.user_data_32 = :user_data_32)
        and (:code::integer = 0 or t.code = :code)
     order by t.timestamp limit :most)
) found order by timestamp limit :most;

-- name: account_transfers_reversed(account_id, debits, credits, user_data_128, user_data_64, user_data_32, code, timestamp_min, timestamp_max, most)
-- The same, newest first.
select * from (
    (select t.id, t.debit_account_id, t.credit_account_id, t.amount, t.pending_id, t.user_data_128, t.user_data_64, t.user_data_32,
        t.timeout, t.ledger, t.code, t.flags, t.timestamp
     from ledger.entries e join ledger.transfers t on t.timestamp = e.timestamp
     where :debits::boolean and e.account_id = :account_id and e.is_debit = true
        and e.timestamp between :timestamp_min and :timestamp_max
        and (:user_data_128::uuid is null or t.user_data_128 = :user_data_128)
        and (:user_data_64::bigint = 0 or t.user_data_64 = :user_data_64)
        and (:user_data_32::bigint = 0 or t.user_data_32 = :user_data_32)
        and (:code::integer = 0 or t.code = :code)
     order by e.timestamp desc limit :most)
    union all
    (select t.id, t.debit_account_id, t.credit_account_id, t.amount, t.pending_id, t.user_data_128, t.user_data_64, t.user_data_32,
        t.timeout, t.ledger, t.code, t.flags, t.timestamp
     from ledger.entries e join ledger.transfers t on t.timestamp = e.timestamp
     where :credits::boolean and e.account_id = :account_id and e.is_debit = false
        and e.timestamp between :timestamp_min and :timestamp_max
        and (:user_data_128::uuid is null or t.user_data_128 = :user_data_128)
        and (:user_data_64::bigint = 0 or t.user_data_64 = :user_data_64)
        and (:user_data_32::bigint = 0 or t.user_data_32 = :user_data_32)
        and (:code::integer = 0 or t.code = :code)
     order by e.timestamp desc limit :most)
    union all
    (select t.id, t.debit_account_id, t.credit_account_id, t.amount, t.pending_id, t.user_data_128, t.user_data_64, t.user_data_32,
        t.timeout, t.ledger, t.code, t.flags, t.timestamp
     from ledger.transfers t
     where t.timestamp > (select entered_to from ledger.progress) and t.timestamp between :timestamp_min and :timestamp_max
        and (:debits::boolean and t.debit_account_id = :account_id or :credits::boolean and t.credit_account_id = :account_id)
        and (:user_data_128::uuid is null or t.user_data_128 = :user_data_128)
        and (:user_data_64::bigint = 0 or t.user_data_64 = :user_data_64)
        and (:user_data_32::bigint = 0 or t.user_data_32 = :user_data_32)
        and (:code::integer = 0 or t.code = :code)
     order by t.timestamp desc limit :most)
) found order by timestamp desc limit :most;

-- name: account_balances(account_id, debits, credits, user_data_128, user_data_64, user_data_32, code, timestamp_min, timestamp_max, most)
-- What an account with HISTORY remembers of these transfers, oldest first.
select b.debits_pending, b.debits_posted, b.credits_pending, b.credits_posted, b.timestamp
from ledger.balances b join ledger.transfers t on t.timestamp = b.timestamp
where b.account_id = :account_id and b.timestamp between :timestamp_min and :timestamp_max
        and (:debits::boolean and t.debit_account_id = :account_id or :credits::boolean and t.credit_account_id = :account_id)
        and (:user_data_128::uuid is null or t.user_data_128 = :user_data_128)
        and (:user_data_64::bigint = 0 or t.user_data_64 = :user_data_64)
        and (:user_data_32::bigint = 0 or t.user_data_32 = :user_data_32)
        and (:code::integer = 0 or t.code = :code)
order by b.timestamp limit :most;

-- name: account_balances_reversed(account_id, debits, credits, user_data_128, user_data_64, user_data_32, code, timestamp_min, timestamp_max, most)
-- The same, newest first.
select b.debits_pending, b.debits_posted, b.credits_pending, b.credits_posted, b.timestamp
from ledger.balances b join ledger.transfers t on t.timestamp = b.timestamp
where b.account_id = :account_id and b.timestamp between :timestamp_min and :timestamp_max
        and (:debits::boolean and t.debit_account_id = :account_id or :credits::boolean and t.credit_account_id = :account_id)
        and (:user_data_128::uuid is null or t.user_data_128 = :user_data_128)
        and (:user_data_64::bigint = 0 or t.user_data_64 = :user_data_64)
        and (:user_data_32::bigint = 0 or t.user_data_32 = :user_data_32)
        and (:code::integer = 0 or t.code = :code)
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
