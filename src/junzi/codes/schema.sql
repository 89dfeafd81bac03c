create schema codes;

-- Every code ever issued. A code stays; what it points to may change, and it may be replaced by another. A target has one of its own,
-- and may have adopted others that were printed for something else.
create table codes.codes (
    code text primary key,
    kind text not null check (kind in ('S', 'P', 'O', 'T', 'B')),
    target_id uuid not null,
    created_at timestamptz not null,
    replaced_at timestamptz,
    adopted boolean not null default false
);
create unique index codes_target on codes.codes (target_id) where replaced_at is null and not adopted;
create index codes_adopted on codes.codes (target_id) where adopted;

-- What a code pointed to before, and who turned it. Kept as long as the code.
create table codes.turns (
    id uuid primary key,
    code text not null references codes.codes (code),
    from_kind text not null,
    from_target_id uuid not null,
    to_kind text not null,
    to_target_id uuid not null,
    by_id uuid not null,
    at timestamptz not null
);
create index turns_code on codes.turns (code, at);
