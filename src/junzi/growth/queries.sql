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
    coupons_redeemed_minor = d.coupons_redeemed_minor + excluded.coupons_redeemed_minor,
    rolled = false;

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

-- name: days_to_roll(most)
-- Business days of which something is not rolled up yet, the oldest first.
select business_date from growth.days where not rolled order by business_date limit :most;

-- name: begin_to_roll(business_date)$
-- Hold the day's figures: whoever adds to them meanwhile waits, and takes this back afterwards.
update growth.days set rolled = true where business_date = :business_date and not rolled returning true;

-- name: number_people(business_date)!
-- A number for everybody of the day who has none.
insert into growth.people (person_id, first_date)
select distinct f.person_id, :business_date::date from growth.facts f
where f.business_date = :business_date and f.person_id is not null
    and not exists (select from growth.people p where p.person_id = f.person_id)
order by f.person_id on conflict do nothing;

-- name: make_earlier(business_date)
-- Who was there on this day and, as far as was known, only later; the days on which they are new no more.
with earlier as (
    select person_id, first_date from growth.people
    where first_date > :business_date and person_id in (select person_id from growth.facts where business_date = :business_date)
    for update
), moved as (
    update growth.people p set first_date = :business_date from earlier e where p.person_id = e.person_id
)
update growth.days d set rolled = false where d.business_date in (select first_date from earlier) returning d.business_date;

-- name: make_coupon_earlier(business_date, paid)
-- The same of the first payment with a coupon; the days from then on whose payers had not been known to have had one.
with earlier as (
    select person_id from growth.people
    where person_id in (
        select person_id from growth.facts
        where business_date = :business_date and kind = :paid and coupon_minor > 0
    ) and coalesce(first_coupon_date, 'infinity') > :business_date for update
), moved as (
    update growth.people p set first_coupon_date = :business_date from earlier e where p.person_id = e.person_id
)
update growth.days d set rolled = false where d.business_date > :business_date and exists (
    select from growth.facts f join earlier e on e.person_id = f.person_id
    where f.business_date = d.business_date and f.kind = :paid and f.coupon_minor = 0)
returning d.business_date;

-- name: numbers_of_day(business_date, spoke, paid, scanned)
-- Everybody's marks of the day.
select m.mark, array_agg(p.number) as numbers from (
    select 'active' as mark, person_id from growth.actives where business_date = :business_date
    union
    select case f.kind when :spoke then 'chat' when :paid then 'pay' else 'scan' end, f.person_id
    from growth.facts f where f.business_date = :business_date and f.person_id is not null
        and f.kind in (:spoke, :paid, :scanned)
) m join growth.people p on p.person_id = m.person_id group by m.mark
union all
select 'new', array_agg(p.number) from growth.people p where p.first_date = :business_date having count(*) > 0;

-- name: set_marks(business_date, marks, bits)!
-- The day's bitmaps, in place of those there were.
insert into growth.marks (business_date, mark, bits)
select :business_date, m.mark, m.bits from unnest(:marks::text[], :bits::bytea[]) m (mark, bits)
on conflict (business_date, mark) do update set bits = excluded.bits;

-- name: set_coupon_day(business_date, paid)!
-- The day's payments as seen from coupons.
insert into growth.coupon_days (business_date, coupon_minor, sales_minor, bare, bare_after)
select :business_date::date, coalesce(sum(f.coupon_minor), 0), coalesce(sum(f.amount_minor) filter (where f.coupon_minor > 0), 0),
    count(*) filter (where f.coupon_minor = 0), count(*) filter (where f.coupon_minor = 0 and p.first_coupon_date < :business_date)
from growth.facts f left join growth.people p on p.person_id = f.person_id
where f.business_date = :business_date and f.kind = :paid
on conflict (business_date) do update set coupon_minor = excluded.coupon_minor, sales_minor = excluded.sales_minor,
    bare = excluded.bare, bare_after = excluded.bare_after;

-- name: marks(first, last)
-- The bitmaps of some days.
select business_date, mark, bits from growth.marks where business_date between :first and :last;

-- name: coupon_days(first, last)
-- What coupons moved on some days.
select business_date as date, coupon_minor, sales_minor, bare, bare_after from growth.coupon_days
where business_date between :first and :last order by business_date;

-- name: override(campaign_id)^
-- Whether somebody wants a campaign to pass the gate, and whether another agreed.
select campaign_id, reason, asked_by, asked_at, agreed_by, agreed_at from growth.overrides where campaign_id = :campaign_id;

-- name: insert_override(campaign_id, reason, by_id, at)!
-- The first one says why.
insert into growth.overrides (campaign_id, reason, asked_by, asked_at) values (:campaign_id, :reason, :by_id, :at);

-- name: agree_to_override(campaign_id, by_id, at)!
-- The second one agrees.
update growth.overrides set agreed_by = :by_id, agreed_at = :at where campaign_id = :campaign_id;
