create schema codes;

-- Every code ever issued. A code stays; what it points to may change, and it may be replaced by another.
create table codes.codes (
    code text primary key,
    kind text not null check (kind in ('S', 'P', 'O')),
    target_id uuid not null,
    created_at timestamptz not null,
    replaced_at timestamptz
);
create unique index codes_target on codes.codes (target_id) where replaced_at is null;
