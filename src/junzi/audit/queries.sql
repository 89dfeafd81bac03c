-- name: account_id_unique(most)
-- No two accounts have one id, whatever an index says.
select 'account ' || id as subject, count(*) || ' accounts' as said, '1 account' as derived
from ledger.accounts group by id having count(*) > 1 order by id limit :most;

-- name: make_room()#
-- A table of this session alone for the accounts as they stand.
create temporary table accounts_now (
    id uuid, ledger bigint, code integer, flags integer,
    said_debits_pending numeric, said_debits_posted numeric, said_credits_pending numeric, said_credits_posted numeric,
    derived_debits_pending numeric, derived_debits_posted numeric, derived_credits_pending numeric, derived_credits_posted numeric,
    debits_pending numeric, debits_posted numeric, credits_pending numeric, credits_posted numeric
);

-- name: take_stock()!
-- Every account's balances as its row says them, as its transfers up to the row's `applied` make them, and as they stand now: what the row
-- says with all that came after. A pending transfer counts until it is posted, voided or expired.
with moves as (
    select timestamp, debit_account_id, credit_account_id,
        case when flags & 2 <> 0 then amount else 0 end as pending, case when flags & 10 = 0 then amount else 0 end as posted
    from ledger.transfers where flags & 12 = 0
    union all
    select r.timestamp, p.debit_account_id, p.credit_account_id, -p.amount, case when r.flags & 4 <> 0 then r.amount else 0 end
    from ledger.transfers r join ledger.transfers p on p.id = r.pending_id
    union all
    select e.resolved_at, t.debit_account_id, t.credit_account_id, -t.amount, 0
    from ledger.pendings e join ledger.transfers t on t.id = e.transfer_id where e.status = 4
), sides as (
    select debit_account_id as id, timestamp, pending as debits_pending, posted as debits_posted, 0 as credits_pending, 0 as credits_posted
    from moves
    union all
    select credit_account_id, timestamp, 0, 0, pending, posted from moves
), sums as (
    select a.id, s.timestamp <= a.applied as is_applied, sum(s.debits_pending) as debits_pending, sum(s.debits_posted) as debits_posted,
        sum(s.credits_pending) as credits_pending, sum(s.credits_posted) as credits_posted
    from sides s join (select distinct id, applied from ledger.accounts) a on a.id = s.id group by a.id, s.timestamp <= a.applied
)
insert into accounts_now
select a.id, a.ledger, a.code, a.flags, a.debits_pending, a.debits_posted, a.credits_pending, a.credits_posted,
    coalesce(d.debits_pending, 0), coalesce(d.debits_posted, 0), coalesce(d.credits_pending, 0), coalesce(d.credits_posted, 0),
    a.debits_pending + coalesce(l.debits_pending, 0), a.debits_posted + coalesce(l.debits_posted, 0),
    a.credits_pending + coalesce(l.credits_pending, 0), a.credits_posted + coalesce(l.credits_posted, 0)
from ledger.accounts a left join sums d on d.id = a.id and d.is_applied left join sums l on l.id = a.id and not l.is_applied;

-- name: account_balance(most)
-- Each account's four balances are the sums of its transfers up to the one that it says is its last.
select 'account ' || a.id || ' ' || b.name as subject, b.said::text as said, b.derived::text as derived
from accounts_now a
cross join lateral (values
    ('debits_pending', said_debits_pending, derived_debits_pending), ('debits_posted', said_debits_posted, derived_debits_posted),
    ('credits_pending', said_credits_pending, derived_credits_pending), ('credits_posted', said_credits_posted, derived_credits_posted)
) b (name, said, derived)
where b.said <> b.derived order by 1 limit :most;

-- name: account_applied(most)
-- No account lacks what happened before the moment up to which all of them are said to be written; none is ahead of all transfers.
select 'account ' || a.id as subject, 'written up to ' || a.applied as said,
    'at least ' || least(p.applied_to, s.last) || ', at most ' || l.last as derived
from ledger.accounts a cross join ledger.progress p
cross join (select greatest((select max(timestamp) from ledger.transfers), (select max(resolved_at) from ledger.pendings), 0) as last) l
cross join lateral (select greatest(
    (select max(e.timestamp) from ledger.entries e where e.account_id = a.id and e.is_debit and e.timestamp <= p.applied_to),
    (select max(e.timestamp) from ledger.entries e where e.account_id = a.id and not e.is_debit and e.timestamp <= p.applied_to), 0) as last) s
where a.applied < s.last or a.applied > l.last
order by a.id limit :most;

-- name: account_entries(most)
-- Each transfer that is old enough has its two entries, and no entry is without its transfer.
with derived as (
    select t.debit_account_id as account_id, true as is_debit, t.timestamp from ledger.transfers t, ledger.progress p where t.timestamp <= p.entered_to
    union all
    select t.credit_account_id, false, t.timestamp from ledger.transfers t, ledger.progress p where t.timestamp <= p.entered_to
)
select 'account ' || coalesce(d.account_id, e.account_id) || ' at ' || coalesce(d.timestamp, e.timestamp) as subject,
    case when e.account_id is null then 'no entry' else 'an entry' end as said,
    case when d.account_id is null then 'no entry' else 'an entry' end as derived
from derived d full join ledger.entries e
    on e.account_id = d.account_id and e.is_debit = d.is_debit and e.timestamp = d.timestamp
where d.account_id is null or e.account_id is null order by 1 limit :most;

-- name: account_limit(most)
-- No account is beyond the limit that its flags set.
select 'account ' || id as subject,
    case when flags & 2 <> 0 then 'debits ' || debits_pending + debits_posted
        else 'credits ' || credits_pending + credits_posted end as said,
    case when flags & 2 <> 0 then 'at most ' || credits_posted else 'at most ' || debits_posted end as derived
from accounts_now
where flags & 2 <> 0 and debits_pending + debits_posted > credits_posted
    or flags & 4 <> 0 and credits_pending + credits_posted > debits_posted
order by id limit :most;

-- name: ledger_total(most)
-- Over all accounts of a ledger, debits equal credits.
select 'ledger ' || ledger as subject,
    'debits ' || sum(debits_pending) || ' pending, ' || sum(debits_posted) || ' posted' as said,
    'credits ' || sum(credits_pending) || ' pending, ' || sum(credits_posted) || ' posted' as derived
from accounts_now group by ledger
having sum(debits_pending) <> sum(credits_pending) or sum(debits_posted) <> sum(credits_posted)
order by ledger limit :most;

-- name: transfer_id_unique(most)
-- No two transfers have one id, whatever an index says.
select 'transfer ' || id as subject, count(*) || ' transfers' as said, '1 transfer' as derived
from ledger.transfers group by id having count(*) > 1 order by id limit :most;

-- name: transfer_accounts(most)
-- Every transfer is between two different accounts that exist and are of its ledger.
select 'transfer ' || t.id as subject,
    'ledgers ' || coalesce(d.ledger::text, 'missing') || ' to ' || coalesce(c.ledger::text, 'missing') as said,
    'two accounts of ledger ' || t.ledger as derived
from ledger.transfers t
left join ledger.accounts d on d.id = t.debit_account_id
left join ledger.accounts c on c.id = t.credit_account_id
where d.ledger is distinct from t.ledger or c.ledger is distinct from t.ledger or t.debit_account_id = t.credit_account_id
order by t.id limit :most;

-- name: transfer_amount(most)
-- No transfer moves less than nothing.
select 'transfer ' || id as subject, amount::text as said, '0 or more' as derived
from ledger.transfers where amount < 0 order by id limit :most;

-- name: transfer_both_stands_and_failed(most)
-- An id that was refused for good never stands.
select 'transfer ' || t.id as subject, 'stands' as said, 'refused with status ' || f.status as derived
from ledger.failed_transfers f join ledger.transfers t on t.id = f.id order by t.id limit :most;

-- name: transfer_flags(most)
-- The flags of a transfer go together: pending, post or void at most; what closes is pending; what resolves neither balances nor closes.
select 'transfer ' || id as subject, 'flags ' || flags as said,
    'one of pending, post and void; closing only with pending; balancing and closing not with post or void' as derived
from ledger.transfers
where (flags >> 1 & 1) + (flags >> 2 & 1) + (flags >> 3 & 1) > 1 or flags & 192 <> 0 and flags & 2 = 0
    or flags & 12 <> 0 and flags & 240 <> 0 or flags > 511 order by id limit :most;

-- name: account_closed(most)
-- An account is closed while a transfer that closes it is pending; one that was closed when it was made has never had a transfer.
with closing as (
    select case side when 'debit' then t.debit_account_id else t.credit_account_id end as id, count(*) as times
    from ledger.transfers t
    join ledger.pendings p on p.transfer_id = t.id
    cross join (values ('debit', 64), ('credit', 128)) sides (side, flag)
    where t.flags & flag <> 0 and p.status = 1 group by 1
)
select 'account ' || a.id as subject, case when a.flags & 32 <> 0 then 'closed' else 'open' end as said,
    case when c.times is null then 'open' else 'closed by ' || c.times || ' transfer' end as derived
from ledger.accounts a left join closing c on c.id = a.id
where (a.flags & 32 <> 0) <> (c.id is not null) and not (a.flags & 32 <> 0
        and not exists (select from ledger.transfers t where t.debit_account_id = a.id)
        and not exists (select from ledger.transfers t where t.credit_account_id = a.id))
    or c.times > 1
order by a.id limit :most;

-- name: account_closed_meanwhile(most)
-- From the transfer that closed an account until that was voided or ran out, the account took part in nothing but voids. What happened
-- to an account is gone through in order: at one timestamp a closing ends before, and begins after, what is looked at.
with closing as (
    select c.id as by, case side when 'debit' then c.debit_account_id else c.credit_account_id end as id, c.timestamp as since,
        case when p.status = 1 then 9223372036854775807 else p.resolved_at end as until
    from ledger.transfers c
    join ledger.pendings p on p.transfer_id = c.id
    cross join (values ('debit', 64), ('credit', 128)) sides (side, flag)
    where c.flags & flag <> 0
), steps as (
    select id, until as timestamp, 0 as turn, -1 as closings, null::uuid as transfer_id from closing
    union all
    select id, since, 2, 1, null from closing
    union all
    select s.id, t.timestamp, 1, 0, t.id
    from ledger.transfers t cross join lateral (values (t.debit_account_id), (t.credit_account_id)) s (id)
    where t.flags & 8 = 0 and s.id in (select id from closing)
), gone_through as (
    select id, timestamp, transfer_id, sum(closings) over (partition by id order by timestamp, turn) as closings from steps
)
select 'transfer ' || g.transfer_id as subject, 'between open accounts' as said, 'account ' || g.id || ' closed by ' || c.by as derived
from gone_through g
cross join lateral (
    select by from closing c where c.id = g.id and c.since < g.timestamp and c.until > g.timestamp order by since limit 1
) c
where g.transfer_id is not null and g.closings > 0
order by g.transfer_id limit :most;

-- name: account_history(most)
-- What an account with the flag HISTORY remembers of each of its transfers is the sum of all that had happened to it by then.
with pending as (
    select t.*, p.status, p.resolved_at from ledger.transfers t join ledger.pendings p on p.transfer_id = t.id
), moves as (
    select id as transfer_id, timestamp, debit_account_id, credit_account_id,
        case when flags & 2 <> 0 then amount else 0 end as pending, case when flags & 10 = 0 then amount else 0 end as posted
    from ledger.transfers where flags & 12 = 0
    union all
    select r.id, r.timestamp, p.debit_account_id, p.credit_account_id, -p.amount, case when r.flags & 4 <> 0 then r.amount else 0 end
    from ledger.transfers r join ledger.transfers p on p.id = r.pending_id
    union all
    select null, resolved_at, debit_account_id, credit_account_id, -amount, 0 from pending where status = 4
), sides as (
    select debit_account_id as account_id, transfer_id, timestamp, pending as debits_pending, posted as debits_posted,
        0::bigint as credits_pending, 0::bigint as credits_posted from moves
    union all
    select credit_account_id, transfer_id, timestamp, 0, 0, pending, posted from moves
), sums as (
    select s.account_id, s.transfer_id, s.timestamp, sum(s.debits_pending) over w as debits_pending,
        sum(s.debits_posted) over w as debits_posted, sum(s.credits_pending) over w as credits_pending,
        sum(s.credits_posted) over w as credits_posted
    from sides s join ledger.accounts a on a.id = s.account_id and a.flags & 8 <> 0
    window w as (partition by s.account_id order by s.timestamp)
), derived as (
    select account_id, timestamp, concat_ws(', ', debits_pending, debits_posted, credits_pending, credits_posted) as balances
    from sums where transfer_id is not null
), said as (
    select account_id, timestamp, concat_ws(', ', debits_pending, debits_posted, credits_pending, credits_posted) as balances
    from ledger.balances
)
select 'account ' || coalesce(d.account_id, s.account_id) || ' at ' || coalesce(d.timestamp, s.timestamp) as subject,
    coalesce(s.balances, 'nothing') as said, coalesce(d.balances, 'nothing') as derived
from derived d full join said s on s.account_id = d.account_id and s.timestamp = d.timestamp
where d.balances is distinct from s.balances order by 1 limit :most;

-- name: balancing_amount(most)
-- A transfer that balances moved nothing, or left the side that it balances covered by the other.
with balanced as (
    select debit_account_id as account_id from ledger.transfers where flags & 16 <> 0
    union
    select credit_account_id from ledger.transfers where flags & 32 <> 0
), pending as (
    select t.*, p.status, p.resolved_at from ledger.transfers t join ledger.pendings p on p.transfer_id = t.id
), moves as (
    select id as transfer_id, timestamp, debit_account_id, credit_account_id,
        case when flags & 2 <> 0 then amount else 0 end as pending, case when flags & 10 = 0 then amount else 0 end as posted
    from ledger.transfers where flags & 12 = 0
    union all
    select r.id, r.timestamp, p.debit_account_id, p.credit_account_id, -p.amount, case when r.flags & 4 <> 0 then r.amount else 0 end
    from ledger.transfers r join ledger.transfers p on p.id = r.pending_id
    union all
    select null, resolved_at, debit_account_id, credit_account_id, -amount, 0 from pending where status = 4
), sides as (
    select debit_account_id as account_id, transfer_id, timestamp, pending as debits_pending, posted as debits_posted,
        0::bigint as credits_pending, 0::bigint as credits_posted from moves
    union all
    select credit_account_id, transfer_id, timestamp, 0, 0, pending, posted from moves
), sums as (
    select s.account_id, s.transfer_id, s.timestamp, sum(s.debits_pending) over w as debits_pending,
        sum(s.debits_posted) over w as debits_posted, sum(s.credits_pending) over w as credits_pending,
        sum(s.credits_posted) over w as credits_posted
    from sides s join balanced b on b.account_id = s.account_id
    window w as (partition by s.account_id order by s.timestamp)
)
select 'transfer ' || t.id as subject, t.amount::text as said, 'covered by the other side of account ' || s.account_id as derived
from ledger.transfers t join sums s on s.transfer_id = t.id
where t.amount > 0 and (
    t.flags & 16 <> 0 and s.account_id = t.debit_account_id and s.debits_pending + s.debits_posted > s.credits_posted
    or t.flags & 32 <> 0 and s.account_id = t.credit_account_id and s.credits_pending + s.credits_posted > s.debits_posted)
order by t.id limit :most;

-- name: pending_reference(most)
-- A post or void, and nothing else, names a pending transfer, which is of the same accounts, ledger and code.
select 'transfer ' || t.id as subject, 'pending id ' || coalesce(t.pending_id::text, 'none') as said,
    case when t.flags & 12 = 0 then 'none' else 'a pending transfer of the same accounts, ledger and code' end as derived
from ledger.transfers t left join ledger.transfers p on p.id = t.pending_id
where (t.flags & 12 <> 0) <> (t.pending_id is not null)
    or t.pending_id is not null and (p.flags & 2 <> 0
        and (p.debit_account_id, p.credit_account_id, p.ledger, p.code)
            = (t.debit_account_id, t.credit_account_id, t.ledger, t.code)) is not true
order by t.id limit :most;

-- name: pending_resolved_twice(most)
-- A pending transfer is posted or voided once at most.
select 'transfer ' || pending_id as subject, 'resolved ' || count(*) || ' times' as said, 'at most once' as derived
from ledger.transfers where pending_id is not null group by pending_id having count(*) > 1 order by pending_id limit :most;

-- name: pending_resolved_amount(most)
-- A pending transfer is posted for no more than its amount and voided for exactly that.
select 'transfer ' || t.id as subject, t.amount::text as said,
    case when t.flags & 8 <> 0 then p.amount::text else 'at most ' || p.amount end as derived
from ledger.transfers t join ledger.transfers p on p.id = t.pending_id
where t.amount > p.amount or t.flags & 8 <> 0 and t.amount <> p.amount order by t.id limit :most;

-- name: pending_status(most)
-- Each pending transfer, and nothing else, has a state, which is what its post or void says: 1 pending, 2 posted, 3 voided, 4 expired.
with derived as (
    select t.id, t.timeout, coalesce(max(case when r.flags & 4 <> 0 then 2 when r.flags & 8 <> 0 then 3 end), 1) as status
    from ledger.transfers t left join ledger.transfers r on r.pending_id = t.id
    where t.flags & 2 <> 0 group by t.id, t.timeout
)
select 'transfer ' || coalesce(d.id, p.transfer_id) as subject, coalesce(p.status::text, 'no state') as said,
    coalesce(d.status::text, 'no state') as derived
from derived d full join ledger.pendings p on p.transfer_id = d.id
where d.status is distinct from p.status and not (d.status = 1 and d.timeout > 0 and p.status = 4) is true
order by 1 limit :most;

-- name: pending_times(most)
-- A pending transfer runs out its timeout after its creation, and is resolved when its post or void says, or after it ran out.
select 'transfer ' || t.id as subject, 'runs out ' || p.expires_at || ', resolved ' || p.resolved_at as said,
    'runs out ' || case when t.timeout = 0 then 0 else t.timestamp + t.timeout * 1000000000 end || ', resolved '
        || case p.status when 1 then '0' when 4 then 'no sooner' else coalesce(r.timestamp::text, 'never') end as derived
from ledger.pendings p join ledger.transfers t on t.id = p.transfer_id
left join ledger.transfers r on r.pending_id = t.id
where p.expires_at <> case when t.timeout = 0 then 0 else t.timestamp + t.timeout * 1000000000 end
    or p.status = 1 and p.resolved_at <> 0
    or p.status in (2, 3) and (p.resolved_at = r.timestamp) is not true
    or p.status = 4 and p.resolved_at < p.expires_at
order by t.id limit :most;

-- name: timestamp_unique(most)
-- No two accounts or transfers have one timestamp.
select 'timestamp ' || timestamp as subject, count(*) || ' accounts and transfers' as said, '1' as derived
from (select timestamp from ledger.accounts union all select timestamp from ledger.transfers) given
group by timestamp having count(*) > 1 order by timestamp limit :most;

-- name: timestamp_order(most)
-- A transfer comes after its accounts and after the pending transfer that it resolves.
select 'transfer ' || t.id as subject, t.timestamp::text as said,
    'after ' || greatest(d.timestamp, c.timestamp, p.timestamp) as derived
from ledger.transfers t
left join ledger.accounts d on d.id = t.debit_account_id
left join ledger.accounts c on c.id = t.credit_account_id
left join ledger.transfers p on p.id = t.pending_id
where t.timestamp <= greatest(d.timestamp, c.timestamp, p.timestamp) order by t.id limit :most;

-- name: timestamp_beyond_clock(most)
-- No timestamp is later than the last one given.
select 'ledger clock' as subject, c.timestamp::text as said, 'at least ' || max(given.timestamp) as derived
from (select timestamp from ledger.accounts union all select timestamp from ledger.transfers
    union all select timestamp from ledger.failed_transfers union all select resolved_at from ledger.pendings) given
cross join ledger.clock c
group by c.timestamp having max(given.timestamp) > c.timestamp limit :most;

-- name: seal_chain(most)
-- Seals count from 1 without gaps, each begins where the one before ended, and names its hash.
with ordered as (
    select *, lag(number, 1, 0::bigint) over w as number_before, lag(to_timestamp, 1, 0::bigint) over w as ended,
        lag(hash, 1, decode(repeat('00', 32), 'hex')) over w as hash_before
    from ledger.seals window w as (order by number)
)
select 'seal ' || number as subject, 'from ' || from_timestamp || ' to ' || to_timestamp || ' after ' || encode(previous_hash, 'hex') as said,
    'seal ' || number_before + 1 || ' from ' || ended + 1 || ' after ' || encode(hash_before, 'hex') as derived
from ordered
where number <> number_before + 1 or from_timestamp <> ended + 1 or to_timestamp < from_timestamp or previous_hash <> hash_before
order by number limit :most;

-- name: seal_transfers(most)
-- The transfers under a seal are those that were there when it was made, to the last column.
with recounted as (
    select s.number, s.from_timestamp, s.to_timestamp, s.count as said_count, s.hash as said_hash, t.count,
        sha256(s.previous_hash || int8send(s.number) || int8send(s.from_timestamp) || int8send(s.to_timestamp) || int8send(t.count)
            || coalesce(t.content, '')) as hash
    from ledger.seals s cross join lateral (
        select count(*) as count, string_agg(
            uuid_send(id) || uuid_send(debit_account_id) || uuid_send(credit_account_id) || int8send(amount)
            || case when pending_id is null then '\x00'::bytea else '\x01'::bytea || uuid_send(pending_id) end
            || case when user_data_128 is null then '\x00'::bytea else '\x01'::bytea || uuid_send(user_data_128) end
            || int8send(user_data_64) || int8send(user_data_32) || int8send(timeout) || int8send(ledger)
            || int4send(code) || int4send(flags) || int8send(timestamp), '' order by timestamp, id) as content
        from ledger.transfers where timestamp between s.from_timestamp and s.to_timestamp
    ) t
)
select 'seal ' || number || ', timestamps ' || from_timestamp || ' to ' || to_timestamp as subject,
    said_count || ' transfers ' || encode(said_hash, 'hex') as said, count || ' transfers ' || encode(hash, 'hex') as derived
from recounted where said_hash <> hash or said_count <> count order by number limit :most;

-- name: seal_noted(hash)$
-- How many seals have this hash.
select count(*) from ledger.seals where hash = decode(:hash, 'hex');

-- name: last_seal()^
-- The newest seal.
select number, to_timestamp, encode(hash, 'hex') as hash from ledger.seals order by number desc limit 1;

-- name: message_sequence(most)
-- Each log counts from 1 without gaps.
select 'conversation ' || conversation_id as subject,
    count(*) || ' messages from ' || min(seq) || ' to ' || max(seq) as said, '1 to ' || count(*) as derived
from messages.log group by conversation_id
having min(seq) <> 1 or max(seq) <> count(*) or count(distinct seq) <> count(*) order by conversation_id limit :most;

-- name: message_client_id_unique(most)
-- No message stands twice, whatever an index says.
select 'conversation ' || conversation_id || ' client id ' || client_id || ' of ' || coalesce(sender_id::text, 'the house')
    as subject, count(*) || ' messages' as said, '1 message' as derived
from messages.log group by conversation_id, sender_id, client_id having count(*) > 1
order by conversation_id, client_id limit :most;

-- name: conversation_head(most)
-- A conversation's head is its last message.
select 'conversation ' || c.id as subject, c.head_seq::text as said, coalesce(l.last, 0)::text as derived
from messages.conversations c
left join (select conversation_id, max(seq) as last from messages.log group by conversation_id) l on l.conversation_id = c.id
where c.head_seq <> coalesce(l.last, 0) order by c.id limit :most;

-- name: conversation_member_count(most)
-- A conversation counts its members right.
select 'conversation ' || c.id as subject, c.member_count::text as said, coalesce(m.members, 0)::text as derived
from messages.conversations c
left join (select conversation_id, count(*) as members from messages.members where left_seq is null group by conversation_id) m
    on m.conversation_id = c.id
where c.member_count <> coalesce(m.members, 0) order by c.id limit :most;

-- name: conversation_missing(most)
-- Members and messages are of a conversation that exists.
select 'conversation ' || used.conversation_id as subject, 'missing' as said, 'there' as derived
from (select conversation_id from messages.members union select conversation_id from messages.log) used
left join messages.conversations c on c.id = used.conversation_id
where c.id is null order by used.conversation_id limit :most;

-- name: member_read(most)
-- A member has read no further than the head or where they left, no less than when they joined, and their own last message.
select 'member ' || m.member_id || ' of conversation ' || m.conversation_id as subject, m.read_seq::text as said,
    greatest(m.joined_seq, coalesce(l.last, 0)) || ' to ' || coalesce(m.left_seq, c.head_seq) as derived
from messages.members m join messages.conversations c on c.id = m.conversation_id
left join (
    select conversation_id, sender_id, max(seq) as last from messages.log group by conversation_id, sender_id
) l on l.conversation_id = m.conversation_id and l.sender_id = m.member_id
where m.read_seq not between greatest(m.joined_seq, coalesce(l.last, 0)) and coalesce(m.left_seq, c.head_seq)
order by m.conversation_id, m.member_id limit :most;

-- name: change_beyond_clock(most)
-- No change is later than the last one counted.
select 'messages clock' as subject, c.changed::text as said, 'at least ' || max(counted.changed) as derived
from (select changed from messages.conversations union all select changed from messages.members) counted
cross join messages.clock c
group by c.changed having max(counted.changed) > c.changed limit :most;

-- name: bill_sum(most)
-- What a person's bills say about the balance is what the ledger holds for them. People with a flow under way are left out.
with under_way as (
    select person_id from wallet.topups where state = 'processing'
    union select payer_id from wallet.transfers where state = 'processing'
    union select payee_id from wallet.transfers where state = 'processing'
    union select payer_id from checkout.payments where state = 'processing'
    union select payer_id from checkout.refunds where state = 'processing'
    union select promoter_id from field.commissions where state = 'due'
), billed as (
    select person_id, sum(amount_minor) as minor from wallet.bills where moves_balance group by person_id
), held as (
    select (substr(id::text, 1, 34) || '00')::uuid as person_id, credits_posted - debits_posted as minor
    from accounts_now where code = 10
)
select 'person ' || person_id as subject, 'bills ' || coalesce(b.minor, 0) as said, 'balance ' || coalesce(h.minor, 0) as derived
from billed b full join held h using (person_id)
where coalesce(b.minor, 0) <> coalesce(h.minor, 0) and person_id not in (select person_id from under_way)
order by 1 limit :most;

-- name: taking_sum(most)
-- What a shop's takings say is what the ledger received for it less what was refunded. What came back is no taking: of a fee (18), of
-- a campaign that it pays a part of (33), of a payout (41). Shops with a flow under way are left out.
with taken as (
    select shop_id, sum(amount_minor) as minor from merchants.takings group by shop_id
), less as (
    select debit_account_id as id, amount from ledger.transfers where code in (13, 14)
    union all
    select credit_account_id, amount from ledger.transfers where code in (18, 33, 41)
), refunded as (
    select id, sum(amount) as minor from less group by id
), held as (
    select (substr(a.id::text, 1, 34) || '00')::uuid as shop_id,
        a.credits_posted - coalesce(r.minor, 0) as minor
    from accounts_now a left join refunded r on r.id = a.id where a.code = 20
)
select 'shop ' || shop_id as subject, 'takings ' || coalesce(t.minor, 0) as said, 'received ' || coalesce(h.minor, 0) as derived
from taken t full join held h using (shop_id)
where coalesce(t.minor, 0) <> coalesce(h.minor, 0)
    and shop_id not in (select shop_id from checkout.payments where state = 'processing'
        union select shop_id from checkout.refunds where state = 'processing')
order by 1 limit :most;

-- name: taking_total(most)
-- What was summed up of a shop's takings is their sum until the end of that day.
select 'shop ' || t.shop_id as subject, t.count || ' payments, ' || t.amount_minor as said, k.count || ' payments, ' || k.minor as derived
from merchants.totals t cross join lateral (
    select count(*) filter (where amount_minor > 0) as count, coalesce(sum(amount_minor), 0) as minor
    from merchants.takings where shop_id = t.shop_id and business_date <= t.through
) k
where (t.count, t.amount_minor) is distinct from (k.count, k.minor)
order by 1 limit :most;

-- name: coupon_outstanding(most)
-- A campaign's coupons in people's hands are covered to the cent. Campaigns with a flow under way are left out.
with under_way as (
    select campaign_id from coupons.grants where state = 'processing'
    union select campaign_id from coupons.coupons where state in ('expiring', 'withdrawing')
    union select k.campaign_id from checkout.payments p join checkout.payment_coupons k on k.payment_id = p.id
        where p.state = 'processing'
    union select k.campaign_id from checkout.refunds r join checkout.refund_coupons b on b.refund_id = r.id
        join checkout.payment_coupons k on k.payment_id = r.payment_id and k.place = b.place
        where r.state = 'processing' and b.back
), promised as (
    select campaign_id, sum(amount_minor) as minor from coupons.coupons
    where state in ('available', 'reserved') group by campaign_id
), held as (
    select (substr(id::text, 1, 34) || '00')::uuid as campaign_id, credits_posted - debits_posted as minor
    from accounts_now where code = 31
)
select 'campaign ' || campaign_id as subject, 'coupons ' || coalesce(p.minor, 0) as said,
    'outstanding ' || coalesce(h.minor, 0) as derived
from promised p full join held h using (campaign_id)
where coalesce(p.minor, 0) <> coalesce(h.minor, 0) and campaign_id not in (select campaign_id from under_way)
order by 1 limit :most;

-- name: coupon_money(most)
-- The identity of a campaign's budget, in money: what was issued, redeemed, left of larger coupons, expired, withdrawn, and is
-- outstanding, by the ledger's transfers and by the coupons. Campaigns with a flow under way are left out.
with under_way as (
    select campaign_id from coupons.grants where state = 'processing'
    union select campaign_id from coupons.coupons where state in ('expiring', 'withdrawing')
    union select k.campaign_id from checkout.payments p join checkout.payment_coupons k on k.payment_id = p.id
        where p.state = 'processing'
    union select k.campaign_id from checkout.refunds r join checkout.payment_coupons k on k.payment_id = r.payment_id
        where r.state = 'processing'
), promised as (
    select campaign_id, sum(amount_minor) as issued, coalesce(sum(saved_minor) filter (where state = 'redeemed'), 0) as redeemed,
        coalesce(sum(amount_minor - saved_minor) filter (where state = 'redeemed'), 0) as unused,
        coalesce(sum(amount_minor) filter (where state = 'expired'), 0) as expired,
        coalesce(sum(amount_minor) filter (where state = 'withdrawn'), 0) as withdrawn,
        coalesce(sum(amount_minor) filter (where state in ('available', 'reserved')), 0) as outstanding
    from coupons.coupons group by campaign_id
), moved as (
    select a.id, coalesce(sum(t.amount) filter (where t.code = 21), 0) as issued,
        coalesce(sum(case t.code when 11 then t.amount when 14 then -t.amount end), 0) as redeemed,
        coalesce(sum(t.amount) filter (where t.code = 12), 0) as unused,
        coalesce(sum(t.amount) filter (where t.code = 22), 0) as expired,
        coalesce(sum(t.amount) filter (where t.code = 34), 0) as withdrawn,
        coalesce(sum(case when t.credit_account_id = a.id then t.amount else -t.amount end), 0) as outstanding
    from ledger.accounts a left join ledger.transfers t on a.id in (t.debit_account_id, t.credit_account_id)
    where a.code = 31 group by a.id
)
select 'campaign ' || campaign_id as subject,
    'coupons ' || concat_ws('/', p.issued, p.redeemed, p.unused, p.expired, p.withdrawn, p.outstanding) as said,
    'ledger ' || concat_ws('/', m.issued, m.redeemed, m.unused, m.expired, m.withdrawn, m.outstanding) as derived
from promised p join moved m on m.id = (substr(p.campaign_id::text, 1, 34) || '02')::uuid
where (p.issued, p.redeemed, p.unused, p.expired, p.withdrawn, p.outstanding)
    is distinct from (m.issued, m.redeemed, m.unused, m.expired, m.withdrawn, m.outstanding)
    and campaign_id not in (select campaign_id from under_way)
order by 1 limit :most;

-- name: coupon_pieces(most)
-- The same in pieces, by the balances of the accounts in which they are counted:
-- issued = redeemed + expired + withdrawn + outstanding.
with under_way as (
    select campaign_id from coupons.grants where state = 'processing'
    union select campaign_id from coupons.coupons where state in ('expiring', 'withdrawing')
    union select k.campaign_id from checkout.payments p join checkout.payment_coupons k on k.payment_id = p.id
        where p.state = 'processing'
    union select k.campaign_id from checkout.refunds r join checkout.payment_coupons k on k.payment_id = r.payment_id
        where r.state = 'processing'
), promised as (
    select c.id as campaign_id, count(k.id) as issued, count(k.id) filter (where k.state = 'redeemed') as redeemed,
        count(k.id) filter (where k.state = 'expired') as expired,
        count(k.id) filter (where k.state = 'withdrawn') as withdrawn,
        count(k.id) filter (where k.state in ('available', 'reserved')) as outstanding
    from coupons.campaigns c left join coupons.coupons k on k.campaign_id = c.id group by c.id
), counted as (
    select (substr(id::text, 1, 34) || '00')::uuid as campaign_id,
        sum(credits_posted - debits_posted) filter (where code = 34)::bigint as redeemed,
        sum(credits_posted - debits_posted) filter (where code = 35)::bigint as expired,
        sum(credits_posted - debits_posted) filter (where code = 37)::bigint as withdrawn,
        sum(credits_posted - debits_posted) filter (where code = 33)::bigint as outstanding
    from accounts_now where code in (33, 34, 35, 37) group by 1
)
select 'campaign ' || p.campaign_id as subject,
    'coupons ' || concat_ws('/', p.issued, p.redeemed, p.expired, p.withdrawn, p.outstanding) as said,
    'ledger ' || concat_ws('/', c.redeemed + c.expired + c.withdrawn + c.outstanding, c.redeemed, c.expired, c.withdrawn, c.outstanding) as derived
from promised p join counted c on c.campaign_id = p.campaign_id
where (p.issued, p.redeemed, p.expired, p.withdrawn, p.outstanding)
    is distinct from (c.redeemed + c.expired + c.withdrawn + c.outstanding, c.redeemed, c.expired, c.withdrawn, c.outstanding)
    and p.campaign_id not in (select campaign_id from under_way)
order by 1 limit :most;

-- name: campaign_budget(most)
-- What a campaign says of its budget is what the operator and its shop put into it, in money and in pieces; nothing for a draft, nor for
-- one that was dropped. Campaigns that are being started or raised are left out.
with funded as (
    select credit_account_id as id, sum(amount) as amount from ledger.transfers where code in (20, 24, 32) group by credit_account_id
)
select 'campaign ' || c.id as subject, c.budget_minor || ' and ' || c.budget_pieces || ' pieces' as said,
    coalesce(m.amount, 0) || ' and ' || coalesce(p.amount, 0) || ' pieces' as derived
from coupons.campaigns c
left join funded m on m.id = (substr(c.id::text, 1, 34) || '01')::uuid
left join funded p on p.id = (substr(c.id::text, 1, 34) || '05')::uuid
where exists (select from coupons.fundings f where f.campaign_id = c.id and f.state = 'done')
    and not exists (select from coupons.fundings f where f.campaign_id = c.id and f.state = 'processing')
    and (c.budget_minor, c.budget_pieces) is distinct from (coalesce(m.amount, 0), coalesce(p.amount, 0))
order by c.id limit :most;

-- name: campaign_funders(most)
-- Whoever pays a campaign paid what its fundings say and got back what its rests say, the operator and the shop, to the unit. What
-- is being moved is left out.
with told as (
    select f.id, 'funding' as kind, f.amount_minor - f.shop_minor as own, f.shop_minor as shops, f.pieces, f.shop_id, f.state,
        '03' as own_leg, '05' as shop_leg, '04' as pieces_leg
    from coupons.fundings f
    union all
    select r.id, 'rest', r.amount_minor - r.shop_minor, r.shop_minor, r.pieces, r.shop_id, r.state, '01', '03', '02'
    from coupons.rests r
), moved as (
    select d.id, coalesce(o.amount, 0) as own, coalesce(s.amount, 0) as shops, coalesce(p.amount, 0) as pieces
    from told d
    left join ledger.transfers o on o.id = (substr(d.id::text, 1, 34) || d.own_leg)::uuid and o.code in (20, 23)
    left join ledger.transfers s on s.id = (substr(d.id::text, 1, 34) || d.shop_leg)::uuid and s.code in (32, 33)
        and (substr(d.shop_id::text, 1, 34) || '01')::uuid = case s.code when 32 then s.debit_account_id else s.credit_account_id end
    left join ledger.transfers p on p.id = (substr(d.id::text, 1, 34) || d.pieces_leg)::uuid and p.code in (24, 28)
), unknown as (
    select t.id from ledger.transfers t
    where t.code in (20, 23, 24, 28, 32, 33) and not exists (
        select from told d where d.id = (substr(t.id::text, 1, 34) || '00')::uuid)
)
select d.kind || ' ' || d.id as subject, concat_ws('/', d.own, d.shops, d.pieces) || ' ' || d.state as said,
    concat_ws('/', m.own, m.shops, m.pieces) as derived
from told d join moved m on m.id = d.id
where d.state <> 'processing'
    and (m.own, m.shops, m.pieces) is distinct from
        case d.state when 'done' then (d.own, d.shops, d.pieces) else (0::bigint, 0::bigint, 0::bigint) end
union all
select 'transfer ' || id, 'moved', 'nobody intended it' from unknown
order by 1 limit :most;

-- name: campaign_shares(most)
-- Of all that went back from a campaign its shop got the part that it paid of all, to the unit; and what a shop paid it was asked and
-- had agreed to. Campaigns with a rest on its way are left out.
with put as (
    select campaign_id, sum(amount_minor) as amount_minor, sum(shop_minor) as shop_minor from coupons.fundings
    where state = 'done' group by campaign_id
), back as (
    select campaign_id, sum(amount_minor) as amount_minor, sum(shop_minor) as shop_minor from coupons.rests
    where state = 'done' group by campaign_id
)
select 'campaign ' || b.campaign_id as subject, 'back to the shop ' || b.shop_minor as said,
    div(b.amount_minor * p.shop_minor, p.amount_minor)::text as derived
from back b join put p on p.campaign_id = b.campaign_id
where p.amount_minor > 0 and b.shop_minor <> div(b.amount_minor * p.shop_minor, p.amount_minor)
    and not exists (select from coupons.rests r where r.campaign_id = b.campaign_id and r.state = 'processing')
union all
select 'share ' || coalesce(s.id, f.share_id), coalesce(s.state || ' ' || s.shop_minor, 'not asked'), 'paid ' || coalesce(f.shop_minor, 0)
from coupons.shares s
full join (select share_id, shop_id, shop_minor from coupons.fundings where state = 'done' and share_id is not null) f on f.share_id = s.id
where (s.state = 'paid') is distinct from (f.share_id is not null) or f.share_id is not null
    and (s.shop_id, s.shop_minor, s.decided_by is not null) is distinct from (f.shop_id, f.shop_minor, true)
order by 1 limit :most;

-- name: coupon_payment(most)
-- A coupon is redeemed or reserved for exactly the payment that is paid or processing with it, for what is taken off for it there, and
-- free otherwise; a payment whose refund gave the coupon back has it no more.
select 'coupon ' || c.id as subject, c.state || coalesce(' for ' || c.saved_minor, '') as said,
    case p.state when 'paid' then 'redeemed for ' || p.saved_minor when 'processing' then 'reserved for ' || p.saved_minor
        else 'free' end as derived
from coupons.coupons c
left join (
    select k.coupon_id, k.saved_minor, p.id, p.state
    from checkout.payment_coupons k join checkout.payments p on p.id = k.payment_id
    where p.state <> 'refused' and not exists (
        select from checkout.refunds r join checkout.refund_coupons b on b.refund_id = r.id
        where r.payment_id = p.id and r.state = 'done' and b.back and b.place = k.place)
) p on p.coupon_id = c.id
where (c.state = 'redeemed') <> coalesce(p.state = 'paid', false)
    or (c.state = 'reserved') <> coalesce(p.state = 'processing', false)
    or c.payment_id is distinct from p.id or c.saved_minor is distinct from p.saved_minor
order by c.id limit :most;

-- name: payment_coupons(most)
-- What is taken off a payment for its coupons comes to its coupons' part, and they stand at places 0, 1, … in different groups.
select 'payment ' || p.id as subject, 'by coupons ' || p.coupon_minor as said,
    'by coupons ' || coalesce(k.minor, 0) || ' at ' || coalesce(k.places, 0) || ' places up to ' || coalesce(k.last, -1)
        || ' of ' || coalesce(k.stackings, 0) || ' groups' as derived
from checkout.payments p
left join (
    select k.payment_id, sum(k.saved_minor) as minor, count(*) as places, max(k.place) as last,
        count(distinct c.limits->>'stacking') as stackings, bool_or(coalesce(c.limits->>'stacking', '') = '') as alone
    from checkout.payment_coupons k join coupons.coupons c on c.id = k.coupon_id group by k.payment_id
) k on k.payment_id = p.id
where p.coupon_minor <> coalesce(k.minor, 0) or k.places <> k.last + 1 or (k.places > 1 and (k.alone or k.stackings < k.places))
order by p.id limit :most;

-- name: payment_transfers(most)
-- A paid payment has its transfers with its amounts in the ledger; a refused one has none.
select 'payment ' || p.id as subject, 'paid ' || coalesce(t.amount, 0) as said,
    case p.state when 'paid' then 'paid ' || p.paid_minor else 'nothing' end as derived
from checkout.payments p
left join ledger.transfers t on t.id = (substr(p.id::text, 1, 34) || '02')::uuid
where p.state <> 'processing' and coalesce(t.amount, 0) <> case p.state when 'paid' then p.paid_minor else 0 end
order by p.id limit :most;

-- name: payment_room(most)
-- A paid payment used its shop's room with its amount if the shop had a bound; one that was refused used none, or gave it back.
select 'payment ' || p.id as subject, 'used ' || (coalesce(u.amount, 0) - coalesce(b.amount, 0)) as said,
    'used ' || case when p.state = 'paid' and p.room_date is not null then p.amount_minor else 0 end as derived
from checkout.payments p
left join ledger.transfers u on u.id = (substr(p.id::text, 1, 34) || '08')::uuid
left join ledger.transfers b on b.id = (substr(p.id::text, 1, 34) || '09')::uuid
where p.state <> 'processing'
    and coalesce(u.amount, 0) - coalesce(b.amount, 0)
        <> case when p.state = 'paid' and p.room_date is not null then p.amount_minor else 0 end
order by p.id limit :most;

-- name: coupon_transfers(most)
-- Each coupon of a paid payment has its redemption and its rest in the ledger, out of its campaign's account of outstanding promises,
-- with its amounts; one of a refused payment has none, and no other transfer is one.
with parts as (
    select (substr(id::text, 1, 34) || '00')::uuid as payment_id, (get_byte(uuid_send(id), 15) - 16) / 8 as place, debit_account_id,
        sum(amount) filter (where code = 11) as saved_minor, sum(amount) filter (where code = 12) as unused_minor
    from ledger.transfers where code in (11, 12) group by 1, 2, 3
), used as (
    select k.payment_id, k.place, (substr(k.campaign_id::text, 1, 34) || '02')::uuid as debit_account_id, p.state,
        case p.state when 'paid' then k.saved_minor else 0 end as saved_minor,
        case p.state when 'paid' then k.worth_minor - k.saved_minor else 0 end as unused_minor
    from checkout.payment_coupons k join checkout.payments p on p.id = k.payment_id
)
select 'coupon ' || place || ' of payment ' || payment_id as subject,
    'redeemed ' || coalesce(t.saved_minor, 0) || ', rest ' || coalesce(t.unused_minor, 0) as said,
    'redeemed ' || coalesce(u.saved_minor, 0) || ', rest ' || coalesce(u.unused_minor, 0) as derived
from used u full join parts t using (payment_id, place, debit_account_id)
where coalesce(u.state, 'none') <> 'processing' and (
    coalesce(t.saved_minor, 0) <> coalesce(u.saved_minor, 0) or coalesce(t.unused_minor, 0) <> coalesce(u.unused_minor, 0))
order by 1 limit :most;

-- name: order_payment(most)
-- An order is paid or processing exactly when a payment of it is; open or closed otherwise.
select 'order ' || o.id as subject, o.state as said, coalesce(p.state, 'open') as derived
from checkout.orders o left join checkout.payments p on p.order_id = o.id and p.state <> 'refused'
where o.state <> coalesce(p.state, 'open') and (o.state <> 'closed' or p.id is not null) order by o.id limit :most;

-- name: payment_told(most)
-- A paid payment stands once in the payer's bills and once in the shop's takings, with its amounts.
select 'payment ' || p.id as subject,
    'taking ' || coalesce(t.amount_minor, 0) || ', bill ' || coalesce(-b.amount_minor + b.discount_minor, 0) as said,
    case p.state when 'paid' then 'taking ' || p.amount_minor || ', bill ' || p.amount_minor else 'nothing' end as derived
from checkout.payments p
left join merchants.takings t on t.shop_id = p.shop_id and t.id = p.id
left join wallet.bills b on b.person_id = p.payer_id and b.order_id = p.order_id
    and b.id in ((substr(p.id::text, 1, 34) || '02')::uuid, (substr(p.id::text, 1, 34) || '10')::uuid)
where coalesce(t.amount_minor, 0) <> case p.state when 'paid' then p.amount_minor else 0 end
    or coalesce(-b.amount_minor + b.discount_minor, 0) <> case p.state when 'paid' then p.amount_minor else 0 end
order by p.id limit :most;

-- name: debit_answered(most)
-- What was taken from cards and credited is what the issuer was asked for: every transfer from the bank has its succeeded debit,
-- but for what a card did not take of a refund (15) or a payout (41).
select 'transfer ' || t.id as subject, t.amount::text as said, coalesce(d.amount_minor::text, 'no debit') as derived
from ledger.transfers t
left join bank.debits d on d.id = (substr(t.id::text, 1, 34) || '01')::uuid and d.state = 'succeeded'
where t.debit_account_id = '00000000-0000-7000-8000-000000000100' and t.code not in (15, 41) and t.amount is distinct from d.amount_minor
order by t.id limit :most;

-- name: refund_sum(most)
-- The refunds of a payment that stand or are under way are at most fifty, of a paid one, and no part is beyond what was paid.
select 'payment ' || p.id as subject,
    count(*) || ' refunds, payer ' || sum(r.payer_minor) || ', coupon ' || sum(r.coupon_minor) as said,
    case p.state when 'paid' then 'at most 50, payer ' || p.paid_minor || ', coupon ' || p.coupon_minor else 'none' end as derived
from checkout.refunds r join checkout.payments p on p.id = r.payment_id
where r.state <> 'refused' group by p.id
having p.state <> 'paid' or count(*) > 50 or sum(r.payer_minor) > p.paid_minor or sum(r.coupon_minor) > p.coupon_minor
order by p.id limit :most;

-- name: refund_coupons(most)
-- The coupons' parts of a refund come to its part by coupons, and of no coupon more is given back than was taken off for it.
select 'refund ' || r.id as subject, 'coupons ' || r.coupon_minor as said, 'coupons ' || coalesce(sum(b.amount_minor), 0) as derived
from checkout.refunds r left join checkout.refund_coupons b on b.refund_id = r.id
group by r.id having r.coupon_minor <> coalesce(sum(b.amount_minor), 0)
union all
select 'coupon ' || k.place || ' of payment ' || k.payment_id, 'given back ' || sum(b.amount_minor), 'at most ' || k.saved_minor
from checkout.payment_coupons k
join checkout.refunds r on r.payment_id = k.payment_id and r.state <> 'refused'
join checkout.refund_coupons b on b.refund_id = r.id and b.place = k.place
group by k.payment_id, k.place having sum(b.amount_minor) > k.saved_minor
order by 1 limit :most;

-- name: coupon_refund_transfers(most)
-- Each coupon's part of a refund that is done is in the ledger, to its campaign's budget or, when the coupon went back, to what is
-- outstanding; a refused one has none, and no other transfer is one.
with parts as (
    select (substr(id::text, 1, 34) || '00')::uuid as refund_id, (get_byte(uuid_send(id), 15) - 16) / 8 as place, credit_account_id,
        sum(amount) as minor
    from ledger.transfers where code = 14 group by 1, 2, 3
), given as (
    select b.refund_id, b.place, r.state, case r.state when 'done' then b.amount_minor else 0 end as minor,
        (substr(k.campaign_id::text, 1, 34) || case when b.back then '02' else '01' end)::uuid as credit_account_id
    from checkout.refund_coupons b join checkout.refunds r on r.id = b.refund_id
    join checkout.payment_coupons k on k.payment_id = r.payment_id and k.place = b.place
)
select 'coupon ' || place || ' of refund ' || refund_id as subject, coalesce(t.minor, 0)::text as said,
    coalesce(g.minor, 0)::text as derived
from given g full join parts t using (refund_id, place, credit_account_id)
where coalesce(g.state, 'none') <> 'processing' and coalesce(t.minor, 0) <> coalesce(g.minor, 0)
order by 1 limit :most;

-- name: refund_transfers(most)
-- A refund that is done has its transfers with its amounts in the ledger, out of its shop's account; a refused one has none; and
-- no other transfer is a refund's.
with parts as (
    select (substr(id::text, 1, 34) || '00')::uuid as refund_id, debit_account_id, code, amount
    from ledger.transfers where code in (13, 14)
), sums as (
    select refund_id, debit_account_id, coalesce(sum(amount) filter (where code = 13), 0) as payer_minor,
        coalesce(sum(amount) filter (where code = 14), 0) as coupon_minor
    from parts group by refund_id, debit_account_id
)
select 'refund ' || coalesce(r.id, s.refund_id) as subject,
    'payer ' || coalesce(s.payer_minor, 0) || ', coupon ' || coalesce(s.coupon_minor, 0) as said,
    case when r.state = 'done' then 'payer ' || r.payer_minor || ', coupon ' || r.coupon_minor else 'nothing' end as derived
from checkout.refunds r
full join sums s on s.refund_id = r.id and s.debit_account_id = (substr(r.shop_id::text, 1, 34) || '01')::uuid
where r.id is null or r.state <> 'processing' and (
    coalesce(s.payer_minor, 0) <> case r.state when 'done' then r.payer_minor else 0 end
    or coalesce(s.coupon_minor, 0) <> case r.state when 'done' then r.coupon_minor else 0 end)
order by 1 limit :most;

-- name: refund_told(most)
-- A refund that is done stands once in the payer's bills and once in the shop's takings, with its amounts; no other does.
select 'refund ' || r.id as subject,
    'taking ' || coalesce(-t.amount_minor, 0) || ', bill ' || coalesce(b.amount_minor - b.discount_minor, 0) as said,
    case r.state when 'done' then 'taking ' || r.amount_minor || ', bill ' || r.amount_minor else 'nothing' end as derived
from checkout.refunds r
left join merchants.takings t on t.shop_id = r.shop_id and t.id = r.id
left join wallet.bills b on b.person_id = r.payer_id and b.kind = 'refund'
    and substr(b.id::text, 1, 34) = substr(r.id::text, 1, 34)
where coalesce(-t.amount_minor, 0) <> case r.state when 'done' then r.amount_minor else 0 end
    or coalesce(b.amount_minor - b.discount_minor, 0) <> case r.state when 'done' then r.amount_minor else 0 end
order by r.id limit :most;

-- name: credit_answered(most)
-- A refund to a card that is done has its credit, with its amount: one that succeeded, or one that was declined and whose money
-- went from the bank to the payer's balance, and only then.
select 'refund ' || r.id as subject,
    'credit ' || coalesce(c.state || ' ' || c.amount_minor, 'none') || ', to the balance ' || coalesce(d.amount, 0) as said,
    case r.paid_to when 'card' then 'credit succeeded ' || r.payer_minor || ', to the balance 0'
        else 'credit declined ' || r.payer_minor || ', to the balance ' || r.payer_minor end as derived
from checkout.refunds r
join checkout.payments p on p.id = r.payment_id and p.funding = 'card'
left join bank.credits c on c.id = (substr(r.id::text, 1, 34) || '01')::uuid
left join ledger.transfers d on d.id = (substr(r.id::text, 1, 34) || '04')::uuid and d.code = 15
where r.state = 'done' and r.payer_minor > 0 and (
    c.amount_minor is distinct from r.payer_minor
    or c.state is distinct from case r.paid_to when 'card' then 'succeeded' else 'declined' end
    or coalesce(d.amount, 0) <> case r.paid_to when 'card' then 0 else r.payer_minor end)
order by r.id limit :most;

-- name: payout_transfers(most)
-- A payout that is done left its shop's account for the bank with its amount; one that was returned came back as well; a refused one
-- moved nothing; and no other transfer is a payout's.
with moved as (
    select (substr(id::text, 1, 34) || '00')::uuid as payout_id,
        case code when 40 then debit_account_id else credit_account_id end as shop_account,
        coalesce(sum(amount) filter (where code = 40), 0) as gone, coalesce(sum(amount) filter (where code = 41), 0) as back
    from ledger.transfers where code in (40, 41) group by 1, 2
)
select 'payout ' || coalesce(p.id, m.payout_id) as subject,
    'out ' || coalesce(m.gone, 0) || ', back ' || coalesce(m.back, 0) as said,
    case p.state when 'done' then 'out ' || p.amount_minor || ', back 0'
        when 'returned' then 'out ' || p.amount_minor || ', back ' || p.amount_minor else 'nothing' end as derived
from settlement.payouts p
full join moved m on m.payout_id = p.id and m.shop_account = (substr(p.shop_id::text, 1, 34) || '01')::uuid
where p.id is null or p.state <> 'processing' and (
    coalesce(m.gone, 0) <> case when p.state in ('done', 'returned') then p.amount_minor else 0 end
    or coalesce(m.back, 0) <> case p.state when 'returned' then p.amount_minor else 0 end)
order by 1 limit :most;

-- name: payout_answered(most)
-- The issuer took a payout that is done and declined one that was returned, each with its amount, and was not asked about a refused one.
select 'payout ' || p.id as subject, coalesce('credit ' || c.state || ' ' || c.amount_minor, 'no credit') as said,
    case p.state when 'done' then 'credit succeeded ' || p.amount_minor when 'returned' then 'credit declined ' || p.amount_minor
        else 'no credit' end as derived
from settlement.payouts p
left join bank.credits c on c.id = (substr(p.id::text, 1, 34) || '01')::uuid
where p.state <> 'processing' and (
    c.amount_minor is distinct from case when p.state in ('done', 'returned') then p.amount_minor end
    or c.state is distinct from case p.state when 'done' then 'succeeded' when 'returned' then 'declined' end)
order by p.id limit :most;

-- name: fee_transfers(most)
-- A payment that is paid paid its fee out of its shop's account, a refund that is done got its part back there, each with what it says;
-- and no other transfer is a fee's.
with said as (
    select 'payment ' || id as subject, id, 17 as code, shop_id, case state when 'paid' then fee_minor else 0 end as minor,
        state = 'processing' as under_way
    from checkout.payments
    union all
    select 'refund ' || id, id, 18, shop_id, case state when 'done' then fee_minor else 0 end, state = 'processing'
    from checkout.refunds
), moved as (
    select (substr(id::text, 1, 34) || '00')::uuid as id, code,
        case code when 17 then debit_account_id else credit_account_id end as shop_account, sum(amount) as minor
    from ledger.transfers where code in (17, 18) group by 1, 2, 3
)
select coalesce(s.subject, 'transfer ' || m.id) as subject, 'fee ' || coalesce(m.minor, 0) as said,
    case when s.id is null then 'nothing' else 'fee ' || s.minor end as derived
from said s
full join moved m on m.id = s.id and m.code = s.code and m.shop_account = (substr(s.shop_id::text, 1, 34) || '01')::uuid
where coalesce(m.minor, 0) <> coalesce(s.minor, 0) and not coalesce(s.under_way, false)
order by 1 limit :most;

-- name: fee_back(most)
-- What a payment's refunds gave back of its fee is no more than the fee, and all of it when all of the payment was given back.
select 'payment ' || p.id as subject, 'fee back ' || sum(r.fee_minor) as said,
    case when sum(r.amount_minor) = p.amount_minor then 'fee back ' else 'at most ' end || p.fee_minor as derived
from checkout.refunds r join checkout.payments p on p.id = r.payment_id
where r.state = 'done' group by p.id
having sum(r.fee_minor) > p.fee_minor or sum(r.amount_minor) = p.amount_minor and sum(r.fee_minor) <> p.fee_minor
order by p.id limit :most;

-- name: fee_told(most)
-- A shop's takings name the fees that its payments and refunds say.
select t.kind || ' ' || t.id as subject, 'fee ' || t.fee_minor as said, 'fee ' || coalesce(p.fee_minor, -r.fee_minor, 0) as derived
from merchants.takings t
left join checkout.payments p on p.id = t.id
left join checkout.refunds r on r.id = t.id
where t.fee_minor <> coalesce(p.fee_minor, -r.fee_minor, 0) order by t.id limit :most;

-- name: waiver_sum(most)
-- What a waiver says it paid is what it paid of payments that did not come to nothing, and within its budget.
select 'waiver ' || w.id as subject, w.waived_minor || ' waived' as said, 'of ' || w.budget_minor || ', ' || coalesce(f.minor, 0) as derived
from merchants.waivers w left join (
    select f.waiver_id, sum(f.fee_minor) as minor from merchants.waived_fees f join checkout.payments p on p.id = f.payment_id
    where p.state <> 'refused' group by f.waiver_id
) f on f.waiver_id = w.id
where w.waived_minor <> coalesce(f.minor, 0) or w.waived_minor > w.budget_minor
order by 1 limit :most;

-- name: commission_transfers(most)
-- A commission that was paid is in the ledger with its amount, to its promoter, and nothing else of that kind is; one that is due may be.
with due as (
    select (substr(id::text, 1, 34) || '01')::uuid as id, (substr(promoter_id::text, 1, 34) || '01')::uuid as account_id, amount_minor, state
    from field.commissions where state in ('due', 'paid')
)
select 'commission ' || coalesce(d.id, t.id) as subject, coalesce(d.state || ' ' || d.amount_minor, 'nothing') as said,
    coalesce('moved ' || t.amount, 'nothing moved') as derived
from due d full join (select id, credit_account_id, amount from ledger.transfers where code = 60) t on t.id = d.id
where (d.id is null or t.id is null or t.credit_account_id <> d.account_id or t.amount <> d.amount_minor)
    and not (t.id is null and d.state = 'due')
order by 1 limit :most;
