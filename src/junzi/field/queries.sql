-- name: rivals(most)
-- Other wallets, by name.
select id, name, code_starts from field.rivals order by name limit :most;

-- name: rival(id)^
-- One of them.
select id, name, code_starts from field.rivals where id = :id;

-- name: hold_rivals()$
-- Nobody else adds one until the transaction ends.
select pg_advisory_xact_lock(hashtextextended('field.rivals', 0));

-- name: insert_rival(id, name, code_starts, at)$
-- One more; nothing is returned when there is one of that name.
insert into field.rivals (id, name, code_starts, created_at) values (:id, :name, :code_starts, :at)
on conflict (name) do nothing returning true;

-- name: change_rival(id, name, code_starts)!
-- The same wallet under another name, or with other codes.
update field.rivals set name = :name, code_starts = :code_starts where id = :id;

-- name: rival_named(name, but)$
-- Whether another one has that name.
select exists (select from field.rivals where name = :name and id <> :but);

-- name: hold_places()$
-- Nobody else adds places until the transaction ends.
select pg_advisory_xact_lock(hashtextextended('field.places', 0));

-- name: count_places()$
-- How many there are.
select count(*) from field.places;

-- name: put_places(ids, numbers, names, trades, addresses, sizes, area_ids, latitudes_e6, longitudes_e6, by_id, at)
-- Places of a list, each under its number: new ones are added, others say what the list says; one that says so already is left alone.
insert into field.places as p (id, number, name, trade, address, size, area_id, latitude_e6, longitude_e6, source, state, added_by, created_at)
select r.id, r.number, r.name, r.trade, r.address, r.size, r.area_id, r.latitude_e6, r.longitude_e6, 'import', 'standing', :by_id, :at
from unnest(:ids::uuid[], :numbers::text[], :names::text[], :trades::text[], :addresses::text[], :sizes::text[], :area_ids::uuid[],
    :latitudes_e6::integer[], :longitudes_e6::integer[])
    as r (id, number, name, trade, address, size, area_id, latitude_e6, longitude_e6)
on conflict (number) do update set name = excluded.name, trade = excluded.trade, address = excluded.address, size = excluded.size,
    area_id = excluded.area_id, latitude_e6 = excluded.latitude_e6, longitude_e6 = excluded.longitude_e6
where (p.name, p.trade, p.address, p.size, p.area_id, p.latitude_e6, p.longitude_e6)
    is distinct from (excluded.name, excluded.trade, excluded.address, excluded.size, excluded.area_id, excluded.latitude_e6, excluded.longitude_e6)
returning id;

-- name: insert_place(id, name, trade, address, size, area_id, latitude_e6, longitude_e6, source, state, added_by, at)!
-- One place.
insert into field.places (id, name, trade, address, size, area_id, latitude_e6, longitude_e6, source, state, added_by, created_at)
values (:id, :name, :trade, :address, :size, :area_id, :latitude_e6, :longitude_e6, :source, :state, :added_by, :at);

-- name: change_place(id, name, trade, address, size, area_id, latitude_e6, longitude_e6, state)!
-- What is known of it now.
update field.places set name = :name, trade = :trade, address = :address, size = :size, area_id = :area_id,
    latitude_e6 = :latitude_e6, longitude_e6 = :longitude_e6, state = :state
where id = :id;

-- name: count_proposals(person_id, since)$
-- How many places somebody named since then.
select count(*) from field.places where added_by = :person_id and source <> 'import' and created_at >= :since;

-- name: place(id)^
-- One place.
select id, number, name, trade, address, size, area_id, latitude_e6, longitude_e6, source, state, added_by, created_at, shop_id
from field.places where id = :id;

-- name: place_locked(id)^
-- The same, held until the transaction ends.
select id, number, name, trade, address, size, area_id, latitude_e6, longitude_e6, source, state, added_by, created_at, shop_id
from field.places where id = :id for update;

-- name: place_of_shop(shop_id)^
-- The place that a shop of ours is.
select id, number, name, trade, address, size, area_id, latitude_e6, longitude_e6, source, state, added_by, created_at, shop_id
from field.places where shop_id = :shop_id;

-- name: places(state, like, area_id, before, most)
-- Places in that state whose name or address holds the text, the newest first.
select id, number, name, trade, address, size, area_id, latitude_e6, longitude_e6, source, state, added_by, created_at, shop_id
from field.places
where state = :state and (name ilike :like or address ilike :like) and (:area_id::uuid is null or area_id = :area_id)
    and (:before::uuid is null or id < :before)
order by id desc limit :most;

-- name: link_place(id, shop_id, at)!
-- The place is that shop of ours, or none any more.
update field.places set shop_id = :shop_id, linked_at = case when :shop_id::uuid is null then null else :at::timestamptz end where id = :id;

-- name: insert_rival_code(id, place_id, rival_id, state, how, note, seen_at, seen_by, at)!
-- What was seen of a rival's code.
insert into field.rival_codes (id, place_id, rival_id, state, how, note, seen_at, seen_by, recorded_at)
values (:id, :place_id, :rival_id, :state, :how, :note, :seen_at, :seen_by, :at);

-- name: latest_codes(place_ids)
-- What was seen last of each rival's code at these places.
select distinct on (place_id, rival_id) id, place_id, rival_id, state, how, note, seen_at, seen_by
from field.rival_codes where place_id = any(:place_ids::uuid[]) order by place_id, rival_id, seen_at desc, id desc;

-- name: codes_seen(place_id, most)
-- What was seen at one place, the latest first.
select id, place_id, rival_id, state, how, note, seen_at, seen_by
from field.rival_codes where place_id = :place_id order by seen_at desc, id desc limit :most;

-- name: insert_promoter(person_id, at, by_id)$
-- Take somebody into the offline team, or in again; nothing is returned for somebody who is in it.
insert into field.promoters as p (person_id, since, made_by) values (:person_id, :at, :by_id)
on conflict (person_id) do update set since = excluded.since, ended_at = null, made_by = excluded.made_by where p.ended_at is not null
returning true;

-- name: end_promoter(person_id, at)$
-- Somebody is in it no more; nothing is returned for somebody who was not.
update field.promoters set ended_at = :at where person_id = :person_id and ended_at is null returning true;

-- name: is_promoter(person_id)$
-- Whether somebody is in it.
select exists (select from field.promoters where person_id = :person_id and ended_at is null);

-- name: promoters(most)
-- Who is in it, the latest last.
select person_id, since from field.promoters where ended_at is null order by since, person_id limit :most;

-- name: hold_wishes_of(person_id)$
-- Nobody else writes a wish of this person until the transaction ends.
select pg_advisory_xact_lock(hashtextextended('field.wishes ' || :person_id::uuid, 0));

-- name: count_wishes(person_id, month)$
-- For how many places somebody asked in a month.
select count(*) from field.wishes where person_id = :person_id and month = :month;

-- name: insert_wish(place_id, month, person_id, at)$
-- Somebody would pay there; nothing is returned when they said so in that month.
insert into field.wishes (place_id, month, person_id, at) values (:place_id, :month, :person_id, :at)
on conflict do nothing returning true;

-- name: wished(person_id, month, place_ids)
-- For which of these places somebody asked in a month.
select place_id from field.wishes where person_id = :person_id and month = :month and place_id = any(:place_ids::uuid[]);

-- name: forget_wishes(before)!
-- Who asked in months before that one; how many they were stays.
delete from field.wishes where month < :before;

-- name: tally(place_id, month)^
-- Wishes of a month at a place. Whoever writes holds the place.
select shown_people, shown_coupons_minor, waiting_people, waiting_coupons_minor
from field.tallies where place_id = :place_id and month = :month;

-- name: tallies(place_ids, month)
-- What may be told of these places. Those that wait for a fifth are not read.
select place_id, shown_people, shown_coupons_minor
from field.tallies where place_id = any(:place_ids::uuid[]) and month = :month and shown_people > 0;

-- name: put_tally(place_id, month, shown_people, shown_coupons_minor, waiting_people, waiting_coupons_minor)!
-- What it is now.
insert into field.tallies (place_id, month, shown_people, shown_coupons_minor, waiting_people, waiting_coupons_minor)
values (:place_id, :month, :shown_people, :shown_coupons_minor, :waiting_people, :waiting_coupons_minor)
on conflict (place_id, month) do update set shown_people = excluded.shown_people, shown_coupons_minor = excluded.shown_coupons_minor,
    waiting_people = excluded.waiting_people, waiting_coupons_minor = excluded.waiting_coupons_minor;

-- name: street_to_draw()
-- Every standing place, by the kind it is drawn within.
select id, size, area_id from field.places where state = 'standing' order by id;

-- name: insert_survey(id, rival_id, counts, seed, by_id, at)$
-- A sample; nothing is returned while another of that rival is under way.
insert into field.surveys (id, rival_id, counts, seed, drawn_by, drawn_at) values (:id, :rival_id, :counts, :seed, :by_id, :at)
on conflict (rival_id) where closed_at is null do nothing returning true;

-- name: insert_survey_strata(survey_id, sizes, area_ids, places)!
-- How many places there are of each kind.
insert into field.survey_strata (survey_id, size, area_id, places)
select :survey_id, s.size, s.area_id, s.places from unnest(:sizes::text[], :area_ids::uuid[], :places::integer[]) s (size, area_id, places);

-- name: insert_survey_places(survey_id, place_ids, sizes, area_ids, promoter_ids)!
-- The places that were drawn.
insert into field.survey_places (survey_id, place_id, size, area_id, promoter_id)
select :survey_id, p.place_id, p.size, p.area_id, p.promoter_id
from unnest(:place_ids::uuid[], :sizes::text[], :area_ids::uuid[], :promoter_ids::uuid[]) p (place_id, size, area_id, promoter_id);

-- name: surveys(most)
-- Samples, the newest first, with how much of each was looked at.
select s.id, s.rival_id, r.name as rival, s.counts, s.seed, s.drawn_by, s.drawn_at, s.closed_at,
    (select count(*) from field.survey_places p where p.survey_id = s.id)::int as drawn,
    (select count(*) from field.survey_places p where p.survey_id = s.id and p.seen_at is not null)::int as seen
from field.surveys s join field.rivals r on r.id = s.rival_id order by s.drawn_at desc, s.id desc limit :most;

-- name: survey_locked(id)^
-- One sample, held until the transaction ends.
select id, rival_id, counts, seed, drawn_by, drawn_at, closed_at from field.surveys where id = :id for update;

-- name: close_survey(id, at)!
-- What was seen stands from now on.
update field.surveys set closed_at = :at where id = :id;

-- name: survey_places_left(id)$
-- Places of a sample that nobody has looked at yet.
select count(*) from field.survey_places where survey_id = :id and seen_at is null;

-- name: look(survey_id, place_id, promoter_id, ours, rivals, at)$
-- What a promoter saw at a place they were sent to; again until the sample is closed.
update field.survey_places set ours = :ours, rivals = :rivals, seen_at = :at
where survey_id = :survey_id and place_id = :place_id and promoter_id = :promoter_id returning true;

-- name: places_to_look_at(promoter_id, most)
-- Where a promoter still has to look.
select p.survey_id, s.counts, r.name as rival, p.place_id, l.name, l.trade, l.address, l.latitude_e6, l.longitude_e6
from field.survey_places p join field.surveys s on s.id = p.survey_id join field.rivals r on r.id = s.rival_id
    join field.places l on l.id = p.place_id
where p.promoter_id = :promoter_id and p.seen_at is null and s.closed_at is null order by s.drawn_at, l.area_id, l.address, l.id limit :most;

-- name: newest_closed_surveys(counts)
-- Of each rival the newest closed sample, if there is one.
select r.id as rival_id, r.name as rival, s.id, s.closed_at from field.rivals r left join lateral (
    select id, closed_at from field.surveys where rival_id = r.id and counts = :counts and closed_at is not null
    order by closed_at desc limit 1
) s on true order by r.id;

-- name: strata_seen(survey_ids)
-- What was seen in each kind of place of closed samples.
select t.survey_id, t.places, array_agg(p.ours) as ours, array_agg(p.rivals) as rivals
from field.survey_strata t join field.survey_places p
    on p.survey_id = t.survey_id and p.size = t.size and p.area_id is not distinct from t.area_id
where t.survey_id = any(:survey_ids::uuid[]) group by t.survey_id, t.size, t.area_id, t.places;
