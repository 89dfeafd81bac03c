-- name: clock()$
-- The last change counted.
select changed from messages.clock;

-- name: set_clock(changed)!
-- Changes up to this one are counted.
update messages.clock set changed = :changed;

-- name: conversations(ids)
-- These conversations.
select id, kind, facts, head_seq, member_count, changed, changed_at, at
from messages.conversations where id = any(:ids::uuid[]);

-- name: named_members(conversation_ids, member_ids)
-- Of these pairs, those who are members.
select m.conversation_id, m.member_id, m.read_seq, m.joined_seq, m.changed
from unnest(:conversation_ids::uuid[], :member_ids::uuid[]) n (conversation_id, member_id)
join messages.members m on m.conversation_id = n.conversation_id and m.member_id = n.member_id;

-- name: earlier_messages(conversation_ids, sender_ids, client_ids)
-- Of these messages, those that stand in the log already.
select l.conversation_id, l.sender_id, l.client_id, l.seq, l.at
from unnest(:conversation_ids::uuid[], :sender_ids::uuid[], :client_ids::text[])
    n (conversation_id, sender_id, client_id)
join messages.log l on l.conversation_id = n.conversation_id and l.client_id = n.client_id
    and l.sender_id is not distinct from n.sender_id;

-- name: member_ids(conversation_ids)
-- Everybody in these conversations.
select conversation_id, array_agg(member_id order by member_id) as member_ids
from messages.members where conversation_id = any(:conversation_ids::uuid[]) group by conversation_id;

-- name: update_conversations(ids, facts, head_seqs, member_counts, changed, changed_at)!
-- These conversations have changed.
update messages.conversations c
set facts = n.facts, head_seq = n.head_seq, member_count = n.member_count, changed = n.changed, changed_at = n.changed_at
from unnest(:ids::uuid[], :facts::jsonb[], :head_seqs::bigint[], :member_counts::integer[],
    :changed::bigint[], :changed_at::timestamptz[]) n (id, facts, head_seq, member_count, changed, changed_at)
where c.id = n.id;

-- name: update_members(conversation_ids, member_ids, read_seqs, changed)!
-- These members have read on.
update messages.members m set read_seq = n.read_seq, changed = n.changed
from unnest(:conversation_ids::uuid[], :member_ids::uuid[], :read_seqs::bigint[], :changed::bigint[])
    n (conversation_id, member_id, read_seq, changed)
where m.conversation_id = n.conversation_id and m.member_id = n.member_id;

-- name: changes(member_id, cursor, most, most_shown)
-- A member's conversations that changed after the cursor, with last message and members, in one snapshot.
with mine as (
    select c.id, c.kind, c.facts, c.head_seq, c.member_count, c.changed_at, m.read_seq, m.joined_seq,
        greatest(c.changed, m.changed) as changed
    from messages.members m join messages.conversations c on c.id = m.conversation_id
    where m.member_id = :member_id and greatest(c.changed, m.changed) > :cursor
    order by greatest(c.changed, m.changed) limit :most
)
select mine.id, mine.kind, mine.facts, mine.head_seq, mine.member_count, mine.changed_at, mine.read_seq,
    mine.joined_seq, mine.changed, l.client_id, l.sender_id, l.kind as message_kind, l.payload, l.fallback,
    l.may_recall, l.may_forward, l.at, shown.member_ids, shown.read_seqs, shown.joined_seqs
from mine
left join messages.log l on l.conversation_id = mine.id and l.seq = mine.head_seq
left join lateral (
    select array_agg(o.member_id order by o.member_id) as member_ids, array_agg(o.read_seq order by o.member_id) as read_seqs,
        array_agg(o.joined_seq order by o.member_id) as joined_seqs
    from messages.members o where o.conversation_id = mine.id and mine.member_count <= :most_shown
) shown on true
order by mine.changed;

-- name: state(conversation_id, member_id, most_shown)^
-- One conversation as one of its members sees it.
select c.id, c.kind, c.facts, c.head_seq, c.member_count, c.changed_at, m.read_seq,
    m.joined_seq, greatest(c.changed, m.changed) as changed, l.client_id, l.sender_id, l.kind as message_kind, l.payload,
    l.fallback, l.may_recall, l.may_forward, l.at, shown.member_ids, shown.read_seqs, shown.joined_seqs
from messages.members m
join messages.conversations c on c.id = m.conversation_id
left join messages.log l on l.conversation_id = c.id and l.seq = c.head_seq
left join lateral (
    select array_agg(o.member_id order by o.member_id) as member_ids, array_agg(o.read_seq order by o.member_id) as read_seqs,
        array_agg(o.joined_seq order by o.member_id) as joined_seqs
    from messages.members o where o.conversation_id = c.id and c.member_count <= :most_shown
) shown on true
where m.conversation_id = :conversation_id and m.member_id = :member_id;

-- name: members(conversation_id)
-- Everybody in a conversation.
select member_id, read_seq, joined_seq from messages.members
where conversation_id = :conversation_id order by member_id;

-- name: messages_after(conversation_id, after, before, most)
-- The first messages between two positions, both excluded.
select conversation_id, seq, client_id, sender_id, kind, payload, fallback, may_recall, may_forward, at
from messages.log where conversation_id = :conversation_id and seq > :after and seq < :before order by seq limit :most;

-- name: messages_before(conversation_id, before, most)
-- The last messages before a position, newest first.
select conversation_id, seq, client_id, sender_id, kind, payload, fallback, may_recall, may_forward, at
from messages.log where conversation_id = :conversation_id and seq < :before order by seq desc limit :most;
