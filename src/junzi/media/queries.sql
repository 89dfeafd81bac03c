-- name: spend_day(owner_id, day, bytes, most)^
-- Count bytes against a day, unless it is used up; answers when they fit.
insert into media.days as d (owner_id, day, bytes) values (:owner_id, :day, :bytes)
on conflict (owner_id, day) do update set bytes = d.bytes + excluded.bytes where d.bytes + excluded.bytes <= :most
returning bytes;

-- name: give_back_day(owner_id, day, bytes)!
-- Bytes that were counted and did not come.
update media.days set bytes = greatest(0, bytes - :bytes) where owner_id = :owner_id and day = :day;

-- name: drop_days(before)!
-- Forget days before this one.
delete from media.days where day < :before;

-- name: insert_file(id, owner_id, kind, name, type, bytes, width, height, blob, at)!
-- A file is here. Again it is the same.
insert into media.files (id, owner_id, kind, name, type, bytes, width, height, blob, created_at)
values (:id, :owner_id, :kind, :name, :type, :bytes, :width, :height, :blob, :at) on conflict (id) do nothing;

-- name: file(id)^
-- A file by its id.
select id, owner_id, kind, name, type, bytes, width, height, blob, created_at from media.files where id = :id;

-- name: files_of(owner_id, ids)
-- Of these files, those that somebody uploaded.
select id, owner_id, kind, name, type, bytes, width, height, blob, created_at from media.files
where owner_id = :owner_id and id = any(:ids::uuid[]) order by id for share;

-- name: insert_readings(media_ids, originals, room, place_id, reference)!
-- Whoever reads the place reads these.
insert into media.readings (media_id, room, place_id, reference, original)
select m.id, :room, :place_id, :reference, m.original from unnest(:media_ids::uuid[], :originals::boolean[]) m (id, original)
on conflict do nothing;

-- name: copy_readings(room, from_place_id, from_reference, to_place_id, to_reference)!
-- Whoever reads another place reads what was shown in one, too.
insert into media.readings (media_id, room, place_id, reference, original)
select media_id, room, :to_place_id, :to_reference, original from media.readings
where room = :room and place_id = :from_place_id and reference = :from_reference
on conflict do nothing;

-- name: delete_readings(room, place_id, reference)!
-- What showed files there shows them no more.
delete from media.readings where room = :room and place_id = :place_id and reference = :reference;

-- name: readable(media_id, room, place_id)^
-- A file as whoever reads a place may have it.
select f.id, f.owner_id, f.kind, f.name, f.type, f.bytes, f.width, f.height, f.blob, f.created_at,
    bool_or(r.original) as original
from media.files f join media.readings r on r.media_id = f.id
where f.id = :media_id and r.room = :room and r.place_id = :place_id
group by f.id;

-- name: places(media_id, room)
-- Where in a room a file is shown.
select distinct place_id from media.readings where media_id = :media_id and room = :room;

-- name: unread_files(before, most)
-- Files that nobody but their owner reads, from before then; locked, but for those in use.
select f.id, f.owner_id, f.kind, f.name, f.type, f.bytes, f.width, f.height, f.blob, f.created_at from media.files f
where f.created_at < :before and not exists (select from media.readings r where r.media_id = f.id)
order by f.created_at limit :most for update skip locked;

-- name: delete_file(id)!
-- Forget a file.
delete from media.files where id = :id;

-- name: blob_in_use(owner_id, blob)$
-- Whether a file of somebody still has these bytes.
select exists (select from media.files where owner_id = :owner_id and blob = :blob);
