-- name: insert_facts(event_ids, kinds, person_ids, ats, business_dates, hours, amounts_minor, coupons_minor, pieces, subject_ids)
-- Store events that count; those that are there already are not returned.
insert into growth.facts
    (event_id, kind, person_id, at, business_date, hour, amount_minor, coupon_minor, pieces, subject_id)
select event_id, kind, person_id, at, business_date, hour, amount_minor, coupon_minor, pieces, subject_id
from unnest(:event_ids::uuid[], :kinds::text[], :person_ids::uuid[], :ats::timestamptz[], :business_dates::date[],
    :hours::integer[], :amounts_minor::bigint[], :coupons_minor::bigint[], :pieces::integer[], :subject_ids::uuid[])
    as f (event_id, kind, person_id, at, business_date, hour, amount_minor, coupon_minor, pieces, subject_id)
order by event_id on conflict (event_id) do nothing returning event_id;

-- name: insert_actives(business_dates, person_ids)
-- These people were active on those days; those of whom that is known already are not returned.
insert into growth.actives (business_date, person_id)
select business_date, person_id from unnest(:business_dates::date[], :person_ids::uuid[]) as a (business_date, person_id)
order by business_date, person_id on conflict do nothing returning business_date, person_id;

-- name: add_to_day(business_date, sign_ups, actives, cards_bound, scans, payments, payments_minor, refunds, refunds_minor, coupons_given, coupons_given_minor, coupons_redeemed, coupons_redeemed_minor)!
-- Add to the figures of a business day.
insert into growth.days as d
    (business_date, sign_ups, actives, cards_bound, scans, payments, payments_minor, refunds, refunds_minor,
     coupons_given, coupons_given_minor, coupons_redeemed, coupons_redeemed_minor)
values
    (:business_date, :sign_ups, :actives, :cards_bound, :scans, :payments, :payments_minor, :refunds, :refunds_minor,
     :coupons_given, :coupons_given_minor, :coupons_redeemed, :coupons_redeemed_minor)
on conflict (business_date) do update set
    sign_ups = d.sign_ups + excluded.sign_ups,
    actives = d.actives + excluded.actives,
    cards_bound = d.cards_bound + excluded.cards_bound,
    scans = d.scans + excluded.scans,
    payments = d.payments + excluded.payments,
    payments_minor = d.payments_minor + excluded.payments_minor,
    refunds = d.refunds + excluded.refunds,
    refunds_minor = d.refunds_minor + excluded.refunds_minor,
    coupons_given = d.coupons_given + excluded.coupons_given,
    coupons_given_minor = d.coupons_given_minor + excluded.coupons_given_minor,
    coupons_redeemed = d.coupons_redeemed + excluded.coupons_redeemed,
    coupons_redeemed_minor = d.coupons_redeemed_minor + excluded.coupons_redeemed_minor;

-- name: add_to_hour(business_date, hour, payments, amount_minor, scans)!
-- Add to the figures of one hour.
insert into growth.hours as h (business_date, hour, payments, amount_minor, scans)
values (:business_date, :hour, :payments, :amount_minor, :scans)
on conflict (business_date, hour) do update set
    payments = h.payments + excluded.payments,
    amount_minor = h.amount_minor + excluded.amount_minor,
    scans = h.scans + excluded.scans;

-- name: days(first, last)
-- The figures of the business days from `first` to `last`; a day on which nothing happened has no row.
select business_date as date, sign_ups, actives, cards_bound, scans, payments, payments_minor, refunds, refunds_minor,
    coupons_given, coupons_given_minor, coupons_redeemed, coupons_redeemed_minor
from growth.days where business_date between :first and :last order by business_date;

-- name: days_with_hours(first, last)
-- The same with each day's hours, in one statement, so that the hours and their sum are of the same moment.
select business_date as date, sign_ups, actives, cards_bound, scans, payments, payments_minor, refunds, refunds_minor,
    coupons_given, coupons_given_minor, coupons_redeemed, coupons_redeemed_minor,
    (select jsonb_agg(jsonb_build_object(
         'hour', h.hour, 'payments', h.payments, 'amount_minor', h.amount_minor, 'scans', h.scans))
     from growth.hours h where h.business_date = d.business_date) as hours
from growth.days d where business_date between :first and :last order by business_date;
