-- name: insert_code(code, kind, target_id, at)!
-- Issue a code; a target that has one keeps it.
insert into codes.codes (code, kind, target_id, created_at)
values (:code, :kind, :target_id, :at) on conflict (target_id) where replaced_at is null do nothing;

-- name: code(code)^
-- What a code points to.
select code, kind, target_id, created_at, replaced_at from codes.codes where code = :code;

-- name: code_of(target_id)^
-- The code of a person, a shop or a charge.
select code, kind, target_id, created_at, replaced_at from codes.codes where target_id = :target_id and replaced_at is null;

-- name: replace_code(target_id, at)!
-- The code of a target is good no more.
update codes.codes set replaced_at = :at where target_id = :target_id and replaced_at is null;
