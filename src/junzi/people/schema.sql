create schema people;

-- Everybody who has an account. Erased with the account; the books keep bare ids.
create table people.persons (
    id uuid primary key,
    handle text not null unique check (handle ~ '^[a-z0-9_]{3,20}$'),
    name text not null check (length(name) between 1 and 40),
    avatar integer not null check (avatar between 0 and 63),
    locale text not null check (locale in ('zh', 'en')),
    password_hash text not null,
    -- Coupons count by the human being, who may hold several accounts; until identities are checked it is the person's own id.
    natural_person_id uuid not null,
    pin_hash text,
    pin_key_id text,
    pin_failures integer not null default 0,
    pin_lockouts integer not null default 0,
    pin_locked_until timestamptz,
    last_active_date date,
    created_at timestamptz not null,
    check ((pin_hash is null) = (pin_key_id is null))
);

-- Devices on which somebody is signed in. A revoked session's row is gone; one that was not seen for 180 days is forgotten.
create table people.sessions (
    id uuid primary key,
    person_id uuid not null references people.persons (id) on delete cascade,
    token_hash bytea not null unique,
    device text not null,
    created_at timestamptz not null,
    seen_at timestamptz not null
);
create index sessions_person on people.sessions (person_id, created_at);

-- Failed tries to sign in, by handle and by address. Forgotten a day after the last one.
create table people.attempts (
    subject text primary key,
    failures integer not null,
    retry_at timestamptz,
    last_at timestamptz not null
);
create index attempts_last on people.attempts (last_at);

-- Browsers that wait for a phone to sign them in: hashes of the code they show and of the secret they keep. Forgotten after an hour.
create table people.sign_ins (
    id uuid primary key,
    code_hash bytea not null unique,
    browser_hash bytea not null unique,
    device text not null,
    address text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    seen_by uuid,
    decision text check (decision in ('approved', 'refused', 'taken')),
    check (decision is null or seen_by is not null)
);
create index sign_ins_address on people.sign_ins (address, created_at);
create index sign_ins_created on people.sign_ins (created_at);
