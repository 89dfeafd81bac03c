create schema media;

-- Uploaded files. The bytes lie in the blob store under owner and blob (the hash of what is kept), so that one owner's equal
-- files share them and nobody else's do. A file that was never sent is forgotten after a day; erased with its owner.
create table media.files (
    id uuid primary key,
    owner_id uuid not null,
    kind text not null check (kind in ('picture', 'voice', 'file')),
    name text not null check (length(name) <= 200),
    type text not null,
    bytes bigint not null check (bytes >= 0),
    width integer,
    height integer,
    blob text not null,
    created_at timestamptz not null
);
create index files_blob on media.files (owner_id, blob);
create index files_created on media.files (created_at, id);

-- Who else reads a file: whoever reads that place of that room. reference: what in the place shows it.
create table media.readings (
    media_id uuid not null references media.files (id) on delete cascade,
    room text not null,
    place_id uuid not null,
    reference text not null,
    original boolean not null,
    primary key (media_id, room, place_id, reference)
);
create index readings_place on media.readings (room, place_id, reference);

-- How much somebody uploaded on a business day. Kept a few days.
create table media.days (
    owner_id uuid not null,
    day date not null,
    bytes bigint not null,
    primary key (owner_id, day)
);
