-- name: put_invitation(token_hash, group_id, inviter_id, at, expires_at)!
-- A new code for a group; the person's older one opens it no more.
insert into chat.invitations (token_hash, group_id, inviter_id, created_at, expires_at)
values (:token_hash, :group_id, :inviter_id, :at, :expires_at)
on conflict (group_id, inviter_id) do update
set token_hash = excluded.token_hash, created_at = excluded.created_at, expires_at = excluded.expires_at;

-- name: invitation(token_hash)^
-- The invitation that a code stands for.
select group_id, inviter_id, created_at, expires_at from chat.invitations where token_hash = :token_hash;

-- name: drop_invitations(before)!
-- Forget codes that were over by then.
delete from chat.invitations where expires_at < :before;

-- name: insert_request(from_id, to_id, at)!
-- Somebody begins to write to a stranger.
insert into chat.requests (from_id, to_id, at) values (:from_id, :to_id, :at)
on conflict (from_id, to_id) do update set at = excluded.at;

-- name: requests_since(from_id, since)$
-- To how many strangers somebody began to write.
select count(*) from chat.requests where from_id = :from_id and at > :since;

-- name: drop_requests(before)!
-- Forget who began to write to whom.
delete from chat.requests where at < :before;

-- name: insert_report(id, reporter_id, conversation_id, reason, note, messages, at)!
-- Put messages before the operator; again it is the same.
insert into chat.reports (id, reporter_id, conversation_id, reason, note, messages, created_at)
values (:id, :reporter_id, :conversation_id, :reason, :note, :messages, :at) on conflict (id) do nothing;

-- name: reports(open, before_at, before_id, most)
-- What lies on the operator's desk, or was closed, newest first.
select id, reporter_id, conversation_id, reason, note, messages, created_at, closed_at, outcome from chat.reports
where (closed_at is null) = :open and (created_at, id) < (:before_at, :before_id) order by created_at desc, id desc limit :most;

-- name: report(id)^
-- One report.
select id, reporter_id, conversation_id, reason, note, messages, created_at, closed_at, outcome from chat.reports where id = :id;

-- name: close_report(id, operator_id, outcome, at)^
-- It is dealt with; answers the first time.
update chat.reports set closed_at = :at, closed_by = :operator_id, outcome = :outcome
where id = :id and closed_at is null returning id;

-- name: drop_reports(before)!
-- Forget what was closed before then.
delete from chat.reports where closed_at < :before;
