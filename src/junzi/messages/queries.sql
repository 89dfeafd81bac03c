-- name: clock()$
-- The last change counted.
select changed from messages.clock;

-- name: set_clock(changed)!
-- Changes up to this one are counted.
update messages.clock set changed = :changed;

-- name: write_plain(log_conversation_ids, seqs, client_ids, sender_ids, kinds, payloads, fallbacks, may_recall, may_forward, at, ids, head_seqs, called_seqs, changed, changed_at, conversation_ids, member_ids, read_seqs, members_called_seqs, members_changed, last_changed)!
-- Messages are written, their conversations and whoever reads move on, and the changes are counted: all of a plain batch.
with written as (
    insert into messages.log
        (conversation_id, seq, client_id, sender_id, kind, payload, fallback, may_recall, may_forward, at)
    select conversation_id, seq, client_id, sender_id, kind, payload::jsonb, fallback, may_recall, may_forward, at
    from unnest(:log_conversation_ids::uuid[], :seqs::bigint[], :client_ids::text[], :sender_ids::uuid[], :kinds::text[],
        :payloads::text[], :fallbacks::text[], :may_recall::boolean[], :may_forward::boolean[], :at::timestamptz[])
        n (conversation_id, seq, client_id, sender_id, kind, payload, fallback, may_recall, may_forward, at)
), moved as (
    update messages.conversations c
    set head_seq = n.head_seq, called_seq = n.called_seq, changed = n.changed, changed_at = n.changed_at
    from unnest(:ids::uuid[], :head_seqs::bigint[], :called_seqs::bigint[], :changed::bigint[], :changed_at::timestamptz[])
        n (id, head_seq, called_seq, changed, changed_at)
    where c.id = n.id
), read as (
    update messages.members m set read_seq = n.read_seq, called_seq = n.called_seq, changed = n.changed
    from unnest(:conversation_ids::uuid[], :member_ids::uuid[], :read_seqs::bigint[], :members_called_seqs::bigint[],
        :members_changed::bigint[]) n (conversation_id, member_id, read_seq, called_seq, changed)
    where m.conversation_id = n.conversation_id and m.member_id = n.member_id
)
update messages.clock set changed = :last_changed;

-- name: conversations(ids)
-- These conversations.
select id, kind, facts, head_seq, member_count, version, called_seq, edited, changed, changed_at, at
from messages.conversations where id = any(:ids::uuid[]);

-- name: named_members(conversation_ids, member_ids)
-- Of these pairs, those who are or were members.
select m.conversation_id, m.member_id, m.read_seq, m.joined_seq, m.left_seq, m.cleared_seq, m.called_seq, m.facts, m.own,
    m.deleted, m.changed
from unnest(:conversation_ids::uuid[], :member_ids::uuid[]) n (conversation_id, member_id)
join messages.members m on m.conversation_id = n.conversation_id and m.member_id = n.member_id;

-- name: earlier_messages(conversation_ids, sender_ids, client_ids)
-- Of these messages, those that stand in the log already.
select l.conversation_id, l.sender_id, l.client_id, l.seq, l.at
from unnest(:conversation_ids::uuid[], :sender_ids::uuid[], :client_ids::text[])
    n (conversation_id, sender_id, client_id)
join messages.log l on l.conversation_id = n.conversation_id and l.client_id = n.client_id
    and l.sender_id is not distinct from n.sender_id;

-- name: standing_messages(conversation_ids, seqs)
-- These messages.
select l.conversation_id, l.seq, l.client_id, l.sender_id, l.kind, l.payload, l.fallback, l.may_recall, l.may_forward, l.at
from unnest(:conversation_ids::uuid[], :seqs::bigint[]) n (conversation_id, seq)
join messages.log l on l.conversation_id = n.conversation_id and l.seq = n.seq;

-- name: member_ids(conversation_ids)
-- Everybody in these conversations.
select conversation_id, array_agg(member_id order by member_id) as member_ids
from messages.members where conversation_id = any(:conversation_ids::uuid[]) and left_seq is null group by conversation_id;

-- name: update_conversations(ids, facts, head_seqs, member_counts, versions, called_seqs, edited, changed, changed_at)!
-- These conversations have changed.
update messages.conversations c
set facts = n.facts, head_seq = n.head_seq, member_count = n.member_count, version = n.version, called_seq = n.called_seq,
    edited = n.edited, changed = n.changed, changed_at = n.changed_at
from unnest(:ids::uuid[], :facts::jsonb[], :head_seqs::bigint[], :member_counts::integer[], :versions::bigint[],
    :called_seqs::bigint[], :edited::bigint[], :changed::bigint[], :changed_at::timestamptz[])
    n (id, facts, head_seq, member_count, version, called_seq, edited, changed, changed_at)
where c.id = n.id;

-- name: update_reading(conversation_ids, member_ids, read_seqs, called_seqs, changed)!
-- These members have read on, or were called.
update messages.members m set read_seq = n.read_seq, called_seq = n.called_seq, changed = n.changed
from unnest(:conversation_ids::uuid[], :member_ids::uuid[], :read_seqs::bigint[], :called_seqs::bigint[], :changed::bigint[])
    n (conversation_id, member_id, read_seq, called_seq, changed)
where m.conversation_id = n.conversation_id and m.member_id = n.member_id;

-- name: update_members(conversation_ids, member_ids, read_seqs, joined_seqs, left_seqs, cleared_seqs, called_seqs, facts, own, deleted, changed)!
-- All that can change of these members.
update messages.members m
set read_seq = n.read_seq, joined_seq = n.joined_seq, left_seq = n.left_seq, cleared_seq = n.cleared_seq,
    called_seq = n.called_seq, facts = n.facts, own = n.own, deleted = n.deleted, changed = n.changed
from unnest(:conversation_ids::uuid[], :member_ids::uuid[], :read_seqs::bigint[], :joined_seqs::bigint[],
    :left_seqs::bigint[], :cleared_seqs::bigint[], :called_seqs::bigint[], :facts::jsonb[], :own::jsonb[],
    :deleted::bigint[], :changed::bigint[])
    n (conversation_id, member_id, read_seq, joined_seq, left_seq, cleared_seq, called_seq, facts, own, deleted, changed)
where m.conversation_id = n.conversation_id and m.member_id = n.member_id;

-- name: edit_messages(conversation_ids, seqs, kinds, payloads, fallbacks, changed)!
-- These messages are others now; nobody recalls or forwards them any more.
with edited as (
    select * from unnest(:conversation_ids::uuid[], :seqs::bigint[], :kinds::text[], :payloads::jsonb[], :fallbacks::text[],
        :changed::bigint[]) n (conversation_id, seq, kind, payload, fallback, changed)
), noted as (
    insert into messages.edits (conversation_id, seq, changed) select conversation_id, seq, changed from edited
    on conflict (conversation_id, seq) do update set changed = excluded.changed
)
update messages.log l
set kind = e.kind, payload = e.payload, fallback = e.fallback, may_recall = false, may_forward = false
from edited e where l.conversation_id = e.conversation_id and l.seq = e.seq;

-- name: insert_deleted(conversation_ids, member_ids, seqs, changed)!
-- Members deleted these messages for themselves; what they deleted before stays as it is.
insert into messages.deleted (conversation_id, member_id, seq, changed)
select * from unnest(:conversation_ids::uuid[], :member_ids::uuid[], :seqs::bigint[], :changed::bigint[])
on conflict do nothing;

-- name: drop_cleared(conversation_ids, member_ids, cleared_seqs)!
-- What is deleted with everything before it need not be listed.
delete from messages.deleted d
using unnest(:conversation_ids::uuid[], :member_ids::uuid[], :cleared_seqs::bigint[]) n (conversation_id, member_id, cleared_seq)
where d.conversation_id = n.conversation_id and d.member_id = n.member_id and d.seq <= n.cleared_seq;

-- name: changes(member_id, cursor, below, most, most_shown, most_edited)
-- A member's conversations that changed after the cursor and below a bound, newest change first, in one snapshot: with last
-- message, members, and what was edited or deleted since.
with mine as (
    select c.id, c.kind, c.facts, coalesce(m.left_seq, c.head_seq) as head_seq, c.member_count, c.version, c.edited, c.changed_at,
        m.read_seq, m.joined_seq, m.left_seq, m.cleared_seq, greatest(m.called_seq, c.called_seq) as called_seq,
        m.facts as member_facts, m.own, m.deleted,
        case when m.left_seq is null then greatest(c.changed, m.changed) else m.changed end as changed
    from messages.members m join messages.conversations c on c.id = m.conversation_id
    where m.member_id = :member_id
        and case when m.left_seq is null then greatest(c.changed, m.changed) else m.changed end > :cursor
        and case when m.left_seq is null then greatest(c.changed, m.changed) else m.changed end < :below
    order by case when m.left_seq is null then greatest(c.changed, m.changed) else m.changed end desc limit :most
)
select mine.*, l.seq as last_seq, l.client_id, l.sender_id, l.kind as message_kind, l.payload, l.fallback, l.may_recall, l.may_forward,
    l.at, shown.member_ids, shown.read_seqs, shown.joined_seqs, shown.facts as shown_facts, edits.messages as edits,
    gone.seqs as gone
from mine
left join lateral (
    select * from messages.log l
    where l.conversation_id = mine.id and l.seq <= mine.head_seq and l.seq > mine.cleared_seq
        and (mine.deleted = 0 or not exists (
            select from messages.deleted d where d.conversation_id = mine.id and d.member_id = :member_id and d.seq = l.seq))
    order by l.seq desc limit 1
) l on true
left join lateral (
    select array_agg(o.member_id order by o.member_id) as member_ids, array_agg(o.read_seq order by o.member_id) as read_seqs,
        array_agg(o.joined_seq order by o.member_id) as joined_seqs, jsonb_agg(o.facts order by o.member_id) as facts
    from messages.members o
    where o.conversation_id = mine.id and o.left_seq is null and mine.member_count <= :most_shown and mine.left_seq is null
) shown on true
left join lateral (
    select jsonb_agg(to_jsonb(e)) as messages from (
        select l.* from messages.edits d join messages.log l on l.conversation_id = d.conversation_id and l.seq = d.seq
        where d.conversation_id = mine.id and d.changed > :cursor and d.seq <= mine.head_seq order by d.changed limit :most_edited
    ) e where mine.edited > :cursor and :cursor > 0
) edits on true
left join lateral (
    select array_agg(g.seq) as seqs from (
        select d.seq from messages.deleted d
        where d.conversation_id = mine.id and d.member_id = :member_id and d.changed > :cursor order by d.seq limit :most_edited
    ) g where mine.deleted > :cursor and :cursor > 0
) gone on true
order by mine.changed desc;

-- name: state(conversation_id, member_id, most_shown)^
-- One conversation as one of its members sees it.
with mine as (
    select c.id, c.kind, c.facts, coalesce(m.left_seq, c.head_seq) as head_seq, c.member_count, c.version, c.edited, c.changed_at,
        m.read_seq, m.joined_seq, m.left_seq, m.cleared_seq, greatest(m.called_seq, c.called_seq) as called_seq,
        m.facts as member_facts, m.own, m.deleted,
        case when m.left_seq is null then greatest(c.changed, m.changed) else m.changed end as changed
    from messages.members m join messages.conversations c on c.id = m.conversation_id
    where m.conversation_id = :conversation_id and m.member_id = :member_id
)
select mine.*, l.seq as last_seq, l.client_id, l.sender_id, l.kind as message_kind, l.payload, l.fallback, l.may_recall, l.may_forward,
    l.at, shown.member_ids, shown.read_seqs, shown.joined_seqs, shown.facts as shown_facts, null as edits, null as gone
from mine
left join lateral (
    select * from messages.log l
    where l.conversation_id = mine.id and l.seq <= mine.head_seq and l.seq > mine.cleared_seq
        and (mine.deleted = 0 or not exists (
            select from messages.deleted d where d.conversation_id = mine.id and d.member_id = :member_id and d.seq = l.seq))
    order by l.seq desc limit 1
) l on true
left join lateral (
    select array_agg(o.member_id order by o.member_id) as member_ids, array_agg(o.read_seq order by o.member_id) as read_seqs,
        array_agg(o.joined_seq order by o.member_id) as joined_seqs, jsonb_agg(o.facts order by o.member_id) as facts
    from messages.members o
    where o.conversation_id = mine.id and o.left_seq is null and mine.member_count <= :most_shown and mine.left_seq is null
) shown on true;

-- name: members(conversation_id, after, most)
-- Who is in a conversation, by id, from after one of them on.
select member_id, read_seq, joined_seq, facts from messages.members
where conversation_id = :conversation_id and left_seq is null and member_id > :after order by member_id limit :most;

-- name: of_them(conversation_id, member_ids)$
-- Which of these are in a conversation.
select array_agg(member_id) from messages.members
where conversation_id = :conversation_id and member_id = any(:member_ids::uuid[]) and left_seq is null;

-- name: messages_after(conversation_id, after, before, most)
-- The first messages between two positions, both excluded.
select conversation_id, seq, client_id, sender_id, kind, payload, fallback, may_recall, may_forward, at
from messages.log where conversation_id = :conversation_id and seq > :after and seq < :before order by seq limit :most;

-- name: messages_before(conversation_id, after, before, most)
-- The last messages between two positions, newest first.
select conversation_id, seq, client_id, sender_id, kind, payload, fallback, may_recall, may_forward, at
from messages.log where conversation_id = :conversation_id and seq > :after and seq < :before order by seq desc limit :most;

-- name: at_of(conversation_id, seq)$
-- When a message was written.
select at from messages.log where conversation_id = :conversation_id and seq = :seq;

-- name: deleted_between(conversation_id, member_id, first, last)
-- Which messages of a stretch a member deleted for themself.
select seq from messages.deleted
where conversation_id = :conversation_id and member_id = :member_id and seq between :first and :last;
