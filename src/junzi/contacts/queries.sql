-- name: insert_request(id, from_id, to_id, greeting, at)^
-- Ask, unless the two have an open request already.
insert into contacts.requests (id, from_id, to_id, greeting, created_at)
values (:id, :from_id, :to_id, :greeting, :at)
on conflict (least(from_id, to_id), greatest(from_id, to_id)) where accepted_at is null do nothing
returning id, from_id, to_id, greeting, created_at, accepted_at;

-- name: open_request_between(one_id, other_id)^
-- The open request of two people, whoever asked.
select id, from_id, to_id, greeting, created_at, accepted_at from contacts.requests
where least(from_id, to_id) = least(:one_id::uuid, :other_id::uuid)
  and greatest(from_id, to_id) = greatest(:one_id::uuid, :other_id::uuid) and accepted_at is null;

-- name: request(id)^
-- A request by its id.
select id, from_id, to_id, greeting, created_at, accepted_at from contacts.requests where id = :id;

-- name: lock_request(id)^
-- The same, locked.
select id, from_id, to_id, greeting, created_at, accepted_at from contacts.requests where id = :id for update;

-- name: accept_request(id, at)!
-- It is answered.
update contacts.requests set accepted_at = :at where id = :id;

-- name: open_requests_to(person_id, most)
-- Who asks me, newest first.
select id, from_id, to_id, greeting, created_at, accepted_at from contacts.requests
where to_id = :person_id and accepted_at is null order by created_at desc, id desc limit :most;

-- name: open_requests_from(person_id, most)
-- Whom I asked, newest first.
select id, from_id, to_id, greeting, created_at, accepted_at from contacts.requests
where from_id = :person_id and accepted_at is null order by created_at desc, id desc limit :most;

-- name: request_after(person_id, since, offset)^
-- The request that is `offset` places behind the newest one since then.
select created_at from contacts.requests
where from_id = :person_id and created_at > :since order by created_at desc limit 1 offset :offset;

-- name: insert_friendship(one_id, other_id, at)!
-- Both directions at once.
insert into contacts.friendships (person_id, friend_id, since)
values (:one_id, :other_id, :at), (:other_id, :one_id, :at) on conflict do nothing;

-- name: friendship(person_id, friend_id)^
-- One direction of a friendship.
select friend_id, since from contacts.friendships where person_id = :person_id and friend_id = :friend_id;

-- name: friendships_of(person_id)
-- Somebody's friends.
select friend_id, since from contacts.friendships where person_id = :person_id order by since, friend_id;

-- name: friends_among(person_id, other_ids)
-- Which of these are somebody's friends.
select friend_id from contacts.friendships where person_id = :person_id and friend_id = any(:other_ids::uuid[]);

-- name: tie(one_id, other_id)^
-- How two people stand to each other: friends, and who blocks whom.
select exists (select from contacts.friendships where person_id = :one_id and friend_id = :other_id) as friends,
    exists (select from contacts.blocks where person_id = :one_id and blocked_id = :other_id) as blocks,
    exists (select from contacts.blocks where person_id = :other_id and blocked_id = :one_id) as blocked;

-- name: insert_block(person_id, blocked_id, at)!
-- Take nothing more from somebody.
insert into contacts.blocks (person_id, blocked_id, since) values (:person_id, :blocked_id, :at) on conflict do nothing;

-- name: delete_block(person_id, blocked_id)!
-- Take from them again.
delete from contacts.blocks where person_id = :person_id and blocked_id = :blocked_id;

-- name: blocks_of(person_id, most)
-- Whom somebody blocks, the latest first.
select blocked_id from contacts.blocks where person_id = :person_id order by since desc, blocked_id limit :most;

-- name: blocks_count(person_id)$
-- How many somebody blocks.
select count(*) from contacts.blocks where person_id = :person_id;

-- name: blocking(person_id, other_ids)
-- Which of these take nothing from somebody.
select person_id from contacts.blocks where blocked_id = :person_id and person_id = any(:other_ids::uuid[]);
