-- name: review(shop_id)^
-- How far a shop's review has come.
select shop_id, state, tier, question, answer, since from standing.reviews where shop_id = :shop_id;

-- name: reviews(ids)
-- The same of several shops.
select shop_id, state, tier, question, answer, since from standing.reviews where shop_id = any(:ids::uuid[]);

-- name: reviews_in(state, after, after_id, most)
-- Shops in that state after that place in the queue, who waited longest first.
select shop_id, state, tier, question, answer, since from standing.reviews
where state = :state and (:after::timestamptz is null or (since, shop_id) > (:after::timestamptz, :after_id::uuid))
order by since, shop_id limit :most;

-- name: insert_review(shop_id, at)!
-- A new shop waits to be reviewed; one that stands here stays as it is.
insert into standing.reviews (shop_id, state, tier, question, answer, since)
values (:shop_id, 'waiting', 'new', '', '', :at) on conflict do nothing;

-- name: review_locked(shop_id)^
-- One review, held until the transaction ends.
select shop_id, state, tier, question, answer, since from standing.reviews where shop_id = :shop_id for update;

-- name: set_review(shop_id, state, tier, question, answer, at)!
-- What was decided, asked or answered.
update standing.reviews set state = :state, tier = :tier, question = :question, answer = :answer, since = :at
where shop_id = :shop_id;

-- name: insert_withdrawal(id, shop_id, reason, case_number, by_id, at)!
-- A code is taken back.
insert into standing.withdrawals (id, shop_id, reason, case_number, taken_by, taken_at)
values (:id, :shop_id, :reason, :case_number, :by_id, :at);

-- name: withdrawal(shop_id)^
-- Why a shop's code is taken back now.
select id, shop_id, reason, case_number, taken_at, objection, reinstated_at from standing.withdrawals
where shop_id = :shop_id and reinstated_at is null;

-- name: withdrawals(shop_id)
-- Every time that a shop's code was taken back, the latest first.
select id, shop_id, reason, case_number, taken_at, objection, reinstated_at from standing.withdrawals
where shop_id = :shop_id order by taken_at desc;

-- name: withdrawals_standing(is_silent, at, id, most)
-- Codes that are taken back now after that place in the list, those whose keepers object first, and of them who waits longest.
select id, shop_id, reason, case_number, taken_at, objection, reinstated_at from standing.withdrawals
where reinstated_at is null
    and (:is_silent::boolean is null or (objection = '', taken_at, id) > (:is_silent::boolean, :at::timestamptz, :id::uuid))
order by objection = '', taken_at, id limit :most;

-- name: object(id, text)!
-- What the keeper says against it.
update standing.withdrawals set objection = :text where id = :id;

-- name: reinstate(id, by_id, at)!
-- The code holds again.
update standing.withdrawals set reinstated_by = :by_id, reinstated_at = :at where id = :id;

-- name: fill_day(shop_id, business_date)^
-- A shop's room of that day is used up; answers only the first time.
insert into standing.full_days (shop_id, business_date) values (:shop_id, :business_date)
on conflict do nothing returning shop_id;

-- name: position(shop_id)^
-- Where a shop stands, if it says so.
select latitude_e3, longitude_e3 from standing.positions where shop_id = :shop_id;

-- name: set_position(shop_id, latitude_e3, longitude_e3)!
-- A shop says where it stands.
insert into standing.positions (shop_id, latitude_e3, longitude_e3) values (:shop_id, :latitude_e3, :longitude_e3)
on conflict (shop_id) do update set latitude_e3 = excluded.latitude_e3, longitude_e3 = excluded.longitude_e3;

-- name: forget_position(shop_id)!
-- A shop says no more where it stands.
delete from standing.positions where shop_id = :shop_id;

-- name: count_far_scan(shop_id, business_date, distance)!
-- A code was scanned that far from its shop.
insert into standing.far_scans (shop_id, business_date, distance, count) values (:shop_id, :business_date, :distance, 1)
on conflict (business_date, shop_id, distance) do update set count = standing.far_scans.count + 1;

-- name: far_scans(most)
-- Scans far from their shops, the latest day first and on it the most.
select shop_id, business_date, distance, count from standing.far_scans
order by business_date desc, count desc, shop_id, distance limit :most;

-- name: forget_far_scans(before)!
-- Drop days long past.
delete from standing.far_scans where business_date < :before;
