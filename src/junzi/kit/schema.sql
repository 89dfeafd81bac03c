create schema kit;

-- The operator whose database this is: one row, made when the database is set up.
create table kit.town (
    one boolean primary key default true check (one),
    name text not null check (length(name) between 1 and 60),
    currency text not null,
    time_zone text not null,
    demo boolean not null,
    demo_filled_at timestamptz,
    created_at timestamptz not null
);

-- What happened, stored with what it happened to; delivered at least once to whoever listens. Kept 35 days.
create sequence kit.outbox_seq;
create table kit.outbox (
    day date not null,
    seq bigint not null default nextval('kit.outbox_seq'),
    id uuid not null,
    type text not null,
    payload jsonb not null,
    at timestamptz not null,
    due_at timestamptz not null,
    attempts integer not null default 0,
    delivered_at timestamptz,
    primary key (day, seq)
) partition by range (day);
create table kit.outbox_other partition of kit.outbox default;
create index outbox_pending on kit.outbox (due_at, seq) where delivered_at is null;

create function kit.outbox_open_day(wanted date) returns void language plpgsql as $$
declare
    partition text := 'outbox_' || to_char(wanted, 'YYYYMMDD');
begin
    if to_regclass('kit.' || partition) is not null then
        return;
    end if;
    execute format('create table kit.%I (like kit.outbox including all)', partition);
    -- Events that a wrong clock dated ahead lie among those of all other days, which would refuse the new partition.
    execute format(
        'with moved as (delete from kit.outbox_other where day = %L returning *) insert into kit.%I select * from moved',
        wanted, partition);
    execute format('alter table kit.outbox attach partition kit.%I for values from (%L) to (%L)', partition, wanted, wanted + 1);
end $$;

create function kit.outbox_drop_before(oldest date) returns integer language plpgsql as $$
declare
    partition record;
    dropped integer := 0;
    pending boolean;
begin
    for partition in
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'kit.outbox'::regclass and c.relname < 'outbox_' || to_char(oldest, 'YYYYMMDD')
          and c.relname ~ '^outbox_\d{8}$'
    loop
        execute format('select exists (select from kit.%I where delivered_at is null)', partition.relname) into pending;
        if not pending then
            execute format('drop table kit.%I', partition.relname);
            dropped := dropped + 1;
        end if;
    end loop;
    delete from kit.outbox_other where day < oldest and delivered_at is not null;
    return dropped;
end $$;

-- Which intent a person's idempotency key stands for. Kept 400 days.
create table kit.idempotency (
    person_id uuid not null,
    key text not null check (length(key) between 8 and 64),
    action text not null,
    body_hash bytea not null,
    intent_id uuid not null,
    at timestamptz not null,
    primary key (person_id, key)
);
create index idempotency_at on kit.idempotency (at);
