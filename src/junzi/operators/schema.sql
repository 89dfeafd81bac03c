create schema operators;

-- Who works for the operator.
create table operators.staff (
    person_id uuid primary key,
    role text not null check (role in ('administrator')),
    since timestamptz not null
);

-- What the operator's staff did, for good: rows are added and nothing else. No person means the machine's own console.
create table operators.audit_trail (
    id uuid primary key,
    person_id uuid,
    action text not null check (length(action) between 1 and 100),
    facts jsonb not null,
    at timestamptz not null
);

create function operators.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the audit trail is append-only' using errcode = 'restrict_violation';
end $$;

create trigger append_only before update or delete or truncate on operators.audit_trail
    for each statement execute function operators.refuse_change();
