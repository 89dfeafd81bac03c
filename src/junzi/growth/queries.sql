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

-- name: add_to_hour(business_date, hour, payments, amount_minor, scans, cards_bound)!
-- Add to the figures of one hour.
insert into growth.hours as h (business_date, hour, payments, amount_minor, scans, cards_bound)
values (:business_date, :hour, :payments, :amount_minor, :scans, :cards_bound)
on conflict (business_date, hour) do update set
    payments = h.payments + excluded.payments,
    amount_minor = h.amount_minor + excluded.amount_minor,
    scans = h.scans + excluded.scans,
    cards_bound = h.cards_bound + excluded.cards_bound;

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
         'hour', h.hour, 'payments', h.payments, 'amount_minor', h.amount_minor, 'scans', h.scans,
         'cards_bound', h.cards_bound))
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

-- name: note_firsts(business_date, bound, scanned)!
-- When people of this day first bound a card and scanned a code, as far as is known.
update growth.people p set bound_date = least(p.bound_date, f.bound_date), scanned_date = least(p.scanned_date, f.scanned_date)
from (
    select person_id, max(business_date) filter (where kind = :bound) as bound_date,
        max(business_date) filter (where kind = :scanned) as scanned_date
    from growth.facts where business_date = :business_date and kind in (:bound, :scanned) group by person_id
) f where f.person_id = p.person_id;

-- name: note_sources(business_date, signed_up)!
-- Who signed up on this day and not earlier, and where from: by the first telling of it.
update growth.people p set signed_up_date = :business_date, source_id = f.source_id
from (
    select distinct on (person_id) person_id, subject_id as source_id from growth.facts
    where business_date = :business_date and kind = :signed_up order by person_id, at, event_id
) f where f.person_id = p.person_id and :business_date <= coalesce(p.signed_up_date, 'infinity');

-- name: set_source_day(business_date, opened, installed)!
-- Devices of the day by source.
insert into growth.source_days (business_date, source_id, opened, installed)
select :business_date::date, subject_id, count(*) filter (where kind = :opened), count(*) filter (where kind = :installed)
from growth.facts where business_date = :business_date and kind in (:opened, :installed) group by subject_id
on conflict (business_date, source_id) do update set opened = excluded.opened, installed = excluded.installed;

-- name: numbers_of_day(business_date, spoke, paid, scanned, signed_up)
-- Everybody's marks of the day.
select m.mark, array_agg(p.number) as numbers from (
    select 'active' as mark, person_id from growth.actives where business_date = :business_date
    union
    select case f.kind when :spoke then 'chat' when :paid then 'pay' when :scanned then 'scan' else 'signed_up' end, f.person_id
    from growth.facts f where f.business_date = :business_date and f.person_id is not null
        and f.kind in (:spoke, :paid, :scanned, :signed_up)
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

-- name: overrides(campaign_ids)
-- The same of several campaigns.
select campaign_id, reason, asked_by, asked_at, agreed_by, agreed_at from growth.overrides
where campaign_id = any(:campaign_ids::uuid[]);

-- name: insert_override(campaign_id, reason, by_id, at)!
-- The first one says why.
insert into growth.overrides (campaign_id, reason, asked_by, asked_at) values (:campaign_id, :reason, :by_id, :at);

-- name: agree_to_override(campaign_id, by_id, at)!
-- The second one agrees.
update growth.overrides set agreed_by = :by_id, agreed_at = :at where campaign_id = :campaign_id;

-- name: first_day()$
-- The first business day of which anything is counted.
select min(business_date) from growth.days;

-- name: hours(first, last)
-- The hours of some business days in which something happened.
select business_date as date, hour, payments, amount_minor, scans, cards_bound from growth.hours
where business_date between :first and :last order by business_date, hour;

-- name: insert_launch(event_id, campaign_id, turn, title, at)!
-- What became of a campaign; told twice it stands once.
insert into growth.launches (event_id, campaign_id, turn, title, at)
values (:event_id, :campaign_id, :turn, :title, :at) on conflict (event_id) do nothing;

-- name: launches(since, until, most)
-- What became of our campaigns in that time, with the move that each answers; the newest of too many.
select * from (
    select l.event_id as id, l.campaign_id, l.turn, l.title, l.at, a.move_id
    from growth.launches l left join growth.answers a on a.campaign_id = l.campaign_id
    where l.at >= :since and l.at < :until order by l.at desc, l.event_id desc limit :most
) newest order by at, id;

-- name: insert_move(id, rival_id, kind, face_minor, threshold_minor, burn_minor, starts_at, ends_at, source, by_id, at)!
-- What a rival did.
insert into growth.moves
    (id, rival_id, kind, face_minor, threshold_minor, burn_minor, starts_at, ends_at, source, recorded_by, recorded_at)
values (:id, :rival_id, :kind, :face_minor, :threshold_minor, :burn_minor, :starts_at, :ends_at, :source, :by_id, :at);

-- name: move(id)^
-- One move, also one recorded by mistake.
select id, rival_id, kind, face_minor, threshold_minor, burn_minor, starts_at, ends_at, source, recorded_by, recorded_at, voided_at
from growth.moves where id = :id;

-- name: move_locked(id)^
-- The same, held until the transaction ends.
select id, rival_id, kind, face_minor, threshold_minor, burn_minor, starts_at, ends_at, source, recorded_by, recorded_at, voided_at
from growth.moves where id = :id for update;

-- name: moves(since, until, most)
-- Moves that began in that time; the newest of too many.
select * from (
    select id, rival_id, kind, face_minor, threshold_minor, burn_minor, starts_at, ends_at, source, recorded_by, recorded_at, voided_at
    from growth.moves where starts_at >= :since and starts_at < :until and voided_at is null order by starts_at desc, id desc limit :most
) newest order by starts_at, id;

-- name: void_move(id, at)!
-- It was recorded by mistake.
update growth.moves set voided_at = :at where id = :id and voided_at is null;

-- name: insert_answer(campaign_id, move_id, title, by_id, at)!
-- A campaign answers a move.
insert into growth.answers (campaign_id, move_id, title, drafted_by, drafted_at)
values (:campaign_id, :move_id, :title, :by_id, :at);

-- name: answer_by(campaign_id)$
-- The move that a campaign answers.
select move_id from growth.answers where campaign_id = :campaign_id;

-- name: answers(move_ids)
-- What answers these moves, and since when it has run.
select a.move_id, a.campaign_id, a.title, a.drafted_by, a.drafted_at,
    (select min(l.at) from growth.launches l where l.campaign_id = a.campaign_id and l.turn = 'started') as live_at
from growth.answers a where a.move_id = any(:move_ids::uuid[]) order by a.drafted_at, a.campaign_id;

-- name: insert_source(id, code, kind, name, owner_id, by_id, at)$
-- One more code; nothing where its owner has one.
insert into growth.sources (id, code, kind, name, owner_id, made_by, created_at)
values (:id, :code, :kind, :name, :owner_id, :by_id, :at) on conflict do nothing returning true;

-- name: source(id)^
-- One source.
select id, code, kind, name, owner_id, created_at from growth.sources where id = :id;

-- name: source_of(owner_id, kind)^
-- The source of a promoter, or of whoever invites.
select id, code, kind, name, owner_id, created_at from growth.sources where owner_id = :owner_id and kind = :kind;

-- name: source_by_code(code)$
-- The source of a code.
select id from growth.sources where code = :code;

-- name: count_sources(kind)$
-- How many there are of a kind.
select count(*) from growth.sources where kind = :kind;

-- name: funnel(first, last)
-- By source: devices of those days, and of who signed up on them how many have bound a card and scanned a code since. Invitations are
-- one line, so that nobody sees whom somebody brought.
with counted as (
    select source_id, opened, installed, 0 as signed_up, 0 as bound, 0 as scanned
    from growth.source_days where business_date between :first and :last
    union all
    select source_id, 0, 0, 1, (bound_date is not null)::int, (scanned_date is not null)::int
    from growth.people where signed_up_date between :first and :last
), named as (
    select case when s.kind = 'invitation' then null else s.id end as id, s.kind,
        case when s.kind = 'invitation' then '' else s.name end as name, case when s.kind = 'invitation' then '' else s.code end as code,
        coalesce(c.opened, 0) as opened, coalesce(c.installed, 0) as installed, coalesce(c.signed_up, 0) as signed_up,
        coalesce(c.bound, 0) as bound, coalesce(c.scanned, 0) as scanned
    from growth.sources s left join counted c on c.source_id = s.id
    union all
    select null, null, '', '', c.opened, c.installed, c.signed_up, c.bound, c.scanned from counted c
    where not exists (select from growth.sources s where s.id = c.source_id)
)
select id, kind, name, code, sum(opened)::bigint as opened, sum(installed)::bigint as installed, sum(signed_up)::bigint as signed_up,
    sum(bound)::bigint as bound, sum(scanned)::bigint as scanned
from named group by id, kind, name, code order by kind nulls last, name, id;

-- name: brief(business_date)^
-- What is told of a day.
select brief, sent_at from growth.briefs where business_date = :business_date;

-- name: insert_brief(business_date, brief, at)!
-- Write what will be told; the first one stands.
insert into growth.briefs (business_date, brief, written_at) values (:business_date, :brief, :at)
on conflict (business_date) do nothing;

-- name: set_brief_sent(business_date, at)!
-- It stands in the operators' group.
update growth.briefs set sent_at = coalesce(sent_at, :at) where business_date = :business_date;

-- name: openings(first, last)
-- Devices of some business days, whatever their source.
select business_date as date, sum(opened)::bigint as opened, sum(installed)::bigint as installed
from growth.source_days where business_date between :first and :last group by business_date;
