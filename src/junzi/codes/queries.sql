-- name: insert_code(code, kind, target_id, at)!
-- Issue a code; a target that has one keeps it.
insert into codes.codes (code, kind, target_id, created_at)
values (:code, :kind, :target_id, :at) on conflict (target_id) where replaced_at is null and not adopted do nothing;

-- name: code(code)^
-- What a code points to.
select code, kind, target_id, created_at, replaced_at, adopted from codes.codes where code = :code;

-- name: codes(codes)
-- What several codes point to.
select code, kind, target_id, created_at, replaced_at, adopted from codes.codes where code = any(:codes::text[]);

-- name: code_of(target_id)^
-- The own code of a person, a shop, a till or a charge.
select code, kind, target_id, created_at, replaced_at, adopted from codes.codes where target_id = :target_id and replaced_at is null and not adopted;

-- name: codes_of(target_ids)
-- The own codes of several at once.
select code, kind, target_id, created_at, replaced_at, adopted from codes.codes
where target_id = any(:target_ids::uuid[]) and replaced_at is null and not adopted;

-- name: replace_code(target_id, at)!
-- The own code of a target is good no more.
update codes.codes set replaced_at = :at where target_id = :target_id and replaced_at is null and not adopted;

-- name: code_locked(code)^
-- What a code points to, which nobody changes until the transaction ends.
select code, kind, target_id, created_at, replaced_at, adopted from codes.codes where code = :code for update;

-- name: adopted_by(target_id)
-- Codes that were printed for something else and lead to that target now.
select code, kind, target_id, created_at, replaced_at, adopted from codes.codes
where target_id = :target_id and adopted and replaced_at is null order by created_at, code;

-- name: turn(code, kind, target_id)!
-- The code leads elsewhere from now on.
update codes.codes set kind = :kind, target_id = :target_id, adopted = true where code = :code;

-- name: insert_turn(id, code, from_kind, from_target_id, to_kind, to_target_id, by_id, at)!
-- It is on record where the code led before.
insert into codes.turns (id, code, from_kind, from_target_id, to_kind, to_target_id, by_id, at)
values (:id, :code, :from_kind, :from_target_id, :to_kind, :to_target_id, :by_id, :at);

-- name: led_before(code, kind)^
-- What of that kind the code led to before it was last turned away from it.
select from_target_id from codes.turns where code = :code and from_kind = :kind order by at desc, id desc limit 1;

-- name: insert_blanks(codes, target_ids, at)
-- Codes that lead nowhere yet; one that was issued before is left out.
insert into codes.codes (code, kind, target_id, created_at) select code, 'B', target_id, :at
from unnest(:codes::text[], :target_ids::uuid[]) b (code, target_id) on conflict (code) do nothing returning code;
