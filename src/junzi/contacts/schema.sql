create schema contacts;

-- Who asked whom to be friends. Two people have at most one open request, whoever asked. Erased with either person.
create table contacts.requests (
    id uuid primary key,
    from_id uuid not null,
    to_id uuid not null check (to_id <> from_id),
    greeting text not null check (length(greeting) <= 100),
    created_at timestamptz not null,
    accepted_at timestamptz
);
create unique index requests_open on contacts.requests (least(from_id, to_id), greatest(from_id, to_id))
    where accepted_at is null;
create index requests_from on contacts.requests (from_id, created_at);
create index requests_to on contacts.requests (to_id, created_at);

-- Friends, one row a direction, so that a list is one scan. Erased with either person.
create table contacts.friendships (
    person_id uuid not null,
    friend_id uuid not null check (friend_id <> person_id),
    since timestamptz not null,
    primary key (person_id, friend_id)
);

-- Who takes nothing from whom. Erased with either person.
create table contacts.blocks (
    person_id uuid not null,
    blocked_id uuid not null check (blocked_id <> person_id),
    since timestamptz not null,
    primary key (person_id, blocked_id)
);
