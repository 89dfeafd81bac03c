-- name: insert_shop(id, owner_id, name, trade, place, picture, photo_id, area_id, at)!
-- An intent to open a shop.
insert into merchants.shops (id, owner_id, name, trade, place, picture, photo_id, area_id, state, opened_at)
values (:id, :owner_id, :name, :trade, :place, :picture, :photo_id, :area_id, 'opening', :at);

-- name: shop(id)^
-- One shop.
select id, owner_id, name, trade, place, picture, state, discreet, withdrawn, area_id, photo_id from merchants.shops where id = :id;

-- name: shops(ids)
-- Several shops at once.
select id, owner_id, name, trade, place, picture, state, discreet, withdrawn, area_id, photo_id from merchants.shops where id = any(:ids::uuid[]);

-- name: shop_locked(id)^
-- One shop, held until the transaction ends.
select id, owner_id, name, trade, place, picture, state, discreet, withdrawn, area_id, photo_id from merchants.shops where id = :id for update;

-- name: shops_of(owner_id)
-- A person's shops, the oldest first.
select id, owner_id, name, trade, place, picture, state, discreet, withdrawn, area_id, photo_id from merchants.shops
where owner_id = :owner_id and state <> 'opening' order by opened_at, id;

-- name: hold_shops_of(owner_id)$
-- Nobody else opens a shop for this person until the transaction ends.
select pg_advisory_xact_lock(hashtextextended('merchants.shops ' || :owner_id::uuid, 0));

-- name: set_state(id, state)!
-- Open or closed.
update merchants.shops set state = :state where id = :id;

-- name: set_discreet(id, discreet)!
-- Under its own name before others, or under a neutral one.
update merchants.shops set discreet = :discreet where id = :id;

-- name: set_withdrawn(id, withdrawn, bars_owner)!
-- Its code is taken back, or reinstated.
update merchants.shops set withdrawn = :withdrawn, bars_owner = :bars_owner where id = :id;

-- name: set_reviewed(id)!
-- An operator has looked at it.
update merchants.shops set reviewed = true where id = :id;

-- name: opened_by(owner_id)^
-- How many shops a person opened, how many of them nobody looked at, and whether one of them lets them open no other.
select count(*) as count, count(*) filter (where not reviewed) as unreviewed, coalesce(bool_or(bars_owner), false) as is_barred
from merchants.shops where owner_id = :owner_id;

-- name: shops_named(like, number, most)
-- Shops whose name or place holds that text. A discreet one is found by the number of its neutral name alone.
select id, owner_id, name, trade, place, picture, state, discreet, withdrawn, area_id, photo_id from merchants.shops
where state <> 'opening' and case when discreet then :number::integer = ('x' || substr(id::text, 31, 4))::bit(16)::integer % 10000
    else name ilike :like or place ilike :like end
order by opened_at desc, id desc limit :most;

-- name: sums_of_shops(ids)
-- What shops took in so far: payments, and their sum less what was refunded. What was summed up is not read again.
select i.shop_id, coalesce(t.count, 0) + k.count as count, (coalesce(t.amount_minor, 0) + k.amount_minor)::bigint as amount_minor
from unnest(:ids::uuid[]) as i (shop_id)
left join merchants.totals t on t.shop_id = i.shop_id
cross join lateral (
    select count(*) filter (where kind = 'payment') as count, coalesce(sum(amount_minor), 0) as amount_minor
    from merchants.takings
    where shop_id = i.shop_id and business_date > coalesce(t.through, '-infinity')
) k;

-- name: hold_totals()$
-- Nobody else sums up takings until the transaction ends.
select pg_advisory_xact_lock(hashtextextended('merchants.totals', 0));

-- name: sum_up(through, most)
-- Add the days until that one to the totals of shops that are behind; those that were are returned.
with behind as (
    select s.id, coalesce(t.through, '-infinity') as through
    from merchants.shops s left join merchants.totals t on t.shop_id = s.id
    where coalesce(t.through, '-infinity') < :through::date order by s.id limit :most
)
insert into merchants.totals as t (shop_id, through, count, amount_minor)
select b.id, :through, k.count, k.amount_minor
from behind b
cross join lateral (
    select count(*) filter (where kind = 'payment') as count, coalesce(sum(amount_minor), 0)::bigint as amount_minor
    from merchants.takings where shop_id = b.id and business_date > b.through and business_date <= :through
) k
on conflict (shop_id) do update set through = excluded.through, count = t.count + excluded.count,
    amount_minor = t.amount_minor + excluded.amount_minor
returning shop_id;

-- name: opening_before(at, most)
-- Shops whose opening was interrupted.
select id from merchants.shops where state = 'opening' and opened_at < :at order by opened_at limit :most;

-- name: insert_takings(shop_ids, ids, order_ids, kinds, amounts_minor, paid_minor, coupons_minor, fees_minor, payer_names, ats, business_date)!
-- Payments were received or refunded; a repeat changes nothing.
insert into merchants.takings
    (shop_id, id, order_id, kind, amount_minor, paid_minor, coupon_minor, fee_minor, payer_name, at, business_date, till_id)
select t.shop_id, t.id, t.order_id, t.kind, t.amount_minor, t.paid_minor, t.coupon_minor, t.fee_minor, t.payer_name, t.at, :business_date,
    (select till_id from merchants.till_orders o where o.order_id = t.order_id)
from unnest(:shop_ids::uuid[], :ids::uuid[], :order_ids::uuid[], :kinds::text[], :amounts_minor::bigint[], :paid_minor::bigint[],
    :coupons_minor::bigint[], :fees_minor::bigint[], :payer_names::text[], :ats::timestamptz[])
    t (shop_id, id, order_id, kind, amount_minor, paid_minor, coupon_minor, fee_minor, payer_name, at)
on conflict do nothing;

-- name: taken_at(shop_id, id)$
-- When a payment was received.
select at from merchants.takings where shop_id = :shop_id and id = :id;

-- name: day_sum(shop_id, business_date)^
-- What a day brought: payments, and their sum less what was refunded.
select count(*) filter (where kind = 'payment') as count, coalesce(sum(amount_minor), 0)::bigint as amount_minor
from merchants.takings where shop_id = :shop_id and business_date = :business_date;

-- name: takings(shop_id, before, most)
-- Payments received before that one, the newest first.
select id, order_id, amount_minor, paid_minor, coupon_minor, payer_name, at, kind, fee_minor,
       (select t.name from merchants.tills t where t.id = till_id) as till
from merchants.takings
where shop_id = :shop_id and (:before::uuid is null or id < :before) order by id desc limit :most;

-- name: insert_charge(id, shop_id, amount_minor, note, asked_by, at, expires_at, till_id)!
-- A shop asks for an amount.
insert into merchants.charges (id, shop_id, amount_minor, note, asked_by, created_at, expires_at, till_id)
values (:id, :shop_id, :amount_minor, :note, :asked_by, :at, :expires_at, :till_id);

-- name: charge(id)^
-- One charge, with the payment of the order that holds it.
select id, shop_id, amount_minor, note, expires_at, order_id, payer_id, till_id,
       (select min(t.id::text)::uuid from merchants.takings t
        where t.order_id = c.order_id and t.shop_id = c.shop_id and t.amount_minor > 0) as payment_id
from merchants.charges c where id = :id;

-- name: hold_charge_row(id)!
-- Nobody else takes this charge until the transaction ends.
select from merchants.charges where id = :id for update;

-- name: take_charge(id, order_id, payer_id)!
-- An order holds the charge from here on.
update merchants.charges set order_id = :order_id, payer_id = :payer_id where id = :id and order_id is null;

-- name: let_charge_go(order_id)!
-- The order that holds the charge was closed.
update merchants.charges set order_id = null, payer_id = null where order_id = :order_id;

-- name: hour_sums(shop_id, first_date, last_date, time_zone)
-- What each hour of each day brought: payments, and their sum less what was refunded.
select business_date, extract(hour from at at time zone :time_zone)::integer as hour,
       count(*) filter (where amount_minor > 0) as count, sum(amount_minor)::bigint as amount_minor,
       sum(coupon_minor)::bigint as coupon_minor
from merchants.takings
where shop_id = :shop_id and business_date between :first_date and :last_date
group by 1, 2 order by 1, 2;

-- name: taking_names(shop_id, ids, till_id)
-- Who paid or was given back and at which till, of these takings of a shop, all or those at one till.
select id, payer_name, coalesce((select t.name from merchants.tills t where t.id = till_id), '') as till
from merchants.takings
where shop_id = :shop_id and id = any(:ids::uuid[]) and (:till_id::uuid is null or till_id = :till_id);

-- name: insert_agreement(id, shop_id, permyriad, valid_from, agreed_by, at)!
-- What a shop pays of each payment from then on.
insert into merchants.agreements (id, shop_id, permyriad, valid_from, agreed_by, agreed_at)
values (:id, :shop_id, :permyriad, :valid_from, :agreed_by, :at);

-- name: agreement(id)^
-- One agreement.
select id, shop_id, permyriad, valid_from, agreed_by, agreed_at from merchants.agreements where id = :id;

-- name: agreements(shop_id, most)
-- A shop's agreements, the last to begin first.
select id, shop_id, permyriad, valid_from, agreed_by, agreed_at from merchants.agreements
where shop_id = :shop_id order by valid_from desc, id desc limit :most;

-- name: permyriad_at(shop_id, at)$
-- What a shop pays of a payment at that moment.
select permyriad from merchants.agreements where shop_id = :shop_id and valid_from <= :at
order by valid_from desc, id desc limit 1;

-- name: permyriads_at(shop_ids, at)
-- The same of several shops, those that agreed on something.
select distinct on (shop_id) shop_id, permyriad from merchants.agreements
where shop_id = any(:shop_ids::uuid[]) and valid_from <= :at order by shop_id, valid_from desc, id desc;

-- name: fee_terms_at(shop_ids, at)
-- The same with what is waived as long as its budget lasts: then permyriad is what the waiver pays in the shop's place.
select distinct on (a.shop_id) a.shop_id, coalesce(w.permyriad, a.permyriad) as permyriad, w.id as waiver_id
from merchants.agreements a left join merchants.waivers w on w.agreement_id = a.id
where a.shop_id = any(:shop_ids::uuid[]) and a.valid_from <= :at order by a.shop_id, a.valid_from desc, a.id desc;

-- name: insert_waiver(id, agreement_id, permyriad, budget_minor)!
-- Fees are waived while that agreement counts.
insert into merchants.waivers (id, agreement_id, permyriad, budget_minor) values (:id, :agreement_id, :permyriad, :budget_minor);

-- name: waivers_locked(ids)
-- What is left of the budgets of these, which nobody else spends until the transaction ends.
select id, budget_minor - waived_minor as left_minor from merchants.waivers where id = any(:ids::uuid[]) order by id for no key update;

-- name: spend_waivers(payment_ids, waiver_ids, fees_minor)!
-- So much of these payments' fees is waived.
with new as (
    insert into merchants.waived_fees (payment_id, waiver_id, fee_minor)
    select * from unnest(:payment_ids::uuid[], :waiver_ids::uuid[], :fees_minor::bigint[]) returning waiver_id, fee_minor
)
update merchants.waivers w set waived_minor = w.waived_minor + n.minor
from (select waiver_id, sum(fee_minor) as minor from new group by waiver_id) n where w.id = n.waiver_id;

-- name: unspend_waiver(payment_id)!
-- What was waived of a payment's fee is there again.
with gone as (delete from merchants.waived_fees where payment_id = :payment_id returning waiver_id, fee_minor)
update merchants.waivers w set waived_minor = w.waived_minor - g.fee_minor from gone g where w.id = g.waiver_id;

-- name: waived_minor(ids)
-- What these waived so far.
select id, waived_minor from merchants.waivers where id = any(:ids::uuid[]);

-- name: latest_shops(before, most)
-- Open and closed shops before that one, the newest first.
select id, owner_id, name, trade, place, picture, state, discreet, withdrawn, area_id, photo_id from merchants.shops
where state <> 'opening' and (:before::uuid is null or id < :before) order by id desc limit :most;

-- name: invite(shop_id, person_id, at)!
-- Somebody is asked to work at the till; who is asked or works there stays as they are.
insert into merchants.staff (shop_id, person_id, role, state, since)
values (:shop_id, :person_id, 'cashier', 'invited', :at) on conflict do nothing;

-- name: accept(shop_id, person_id, at)!
-- Who was asked works there from now on.
update merchants.staff set state = 'active', since = :at
where shop_id = :shop_id and person_id = :person_id and state = 'invited';

-- name: remove_staff(shop_id, person_id)!
-- Somebody works there no more, or will not.
delete from merchants.staff where shop_id = :shop_id and person_id = :person_id;

-- name: staff_row(shop_id, person_id)^
-- How somebody stands with a shop.
select shop_id, person_id, role, state, since from merchants.staff where shop_id = :shop_id and person_id = :person_id;

-- name: staff_rows(shop_ids, person_id)
-- How somebody stands with several shops.
select shop_id, person_id, role, state, since from merchants.staff
where shop_id = any(:shop_ids::uuid[]) and person_id = :person_id;

-- name: staff(shop_id)
-- Everybody who works at a shop or is asked to, the first asked first.
select shop_id, person_id, role, state, since from merchants.staff where shop_id = :shop_id order by since, person_id;

-- name: staff_of_shops(shop_ids)
-- Everybody who works at these shops or is asked to, the first asked first.
select shop_id, person_id, role, state, since from merchants.staff where shop_id = any(:shop_ids::uuid[]) order by since, person_id;

-- name: invitations(person_id)
-- Where somebody is asked to work.
select shop_id, person_id, role, state, since from merchants.staff
where person_id = :person_id and state = 'invited' order by since, shop_id;

-- name: shops_worked_at(person_id)
-- Other people's shops in which somebody works, the longest first.
select s.id, owner_id, name, trade, place, picture, s.state, discreet, withdrawn, area_id, photo_id
from merchants.staff f join merchants.shops s on s.id = f.shop_id where f.person_id = :person_id and f.state = 'active' order by since, s.id;

-- name: hold_areas()$
-- Nobody else draws an area until the transaction ends.
select pg_advisory_xact_lock(hashtextextended('merchants.areas', 0));

-- name: areas(most)
-- All areas, the first drawn in front.
select id, name from merchants.areas order by id limit :most;

-- name: area(id)^
-- One area.
select id, name from merchants.areas where id = :id;

-- name: insert_area(id, name, at)!
-- A new area.
insert into merchants.areas (id, name, created_at) values (:id, :name, :at);

-- name: rename_area(id, name)$
-- Another name; nothing is returned when there is no such area.
update merchants.areas set name = :name where id = :id returning true;

-- name: set_area(id, area_id)!
-- Where in the town a shop is.
update merchants.shops set area_id = :area_id where id = :id;

-- name: insert_till(id, shop_id, name, at)!
-- A shop has another till.
insert into merchants.tills (id, shop_id, name, state, created_at) values (:id, :shop_id, :name, 'open', :at);

-- name: till(id)^
-- One till, also one that was removed.
select id, shop_id, name, state from merchants.tills where id = :id;

-- name: tills_by_id(ids)
-- Several tills, also removed ones.
select id, shop_id, name, state from merchants.tills where id = any(:ids::uuid[]);

-- name: tills(shop_id)
-- A shop's tills, the oldest first.
select id, shop_id, name, state from merchants.tills where shop_id = :shop_id and state = 'open' order by created_at, id;

-- name: rename_till(id, name)!
-- A till's name, also on what it took before.
update merchants.tills set name = :name where id = :id;

-- name: remove_till(id)!
-- A till is used no more.
update merchants.tills set state = 'removed' where id = :id;

-- name: insert_till_orders(order_ids, till_ids)!
-- Each order was made at that till; a repeat changes nothing.
insert into merchants.till_orders (order_id, till_id)
select order_id, till_id from unnest(:order_ids::uuid[], :till_ids::uuid[]) as o (order_id, till_id) on conflict do nothing;

-- name: till_sums(shop_id, first_date, last_date)
-- What each till took in those days, and what came in at none.
select till_id, count(*) filter (where amount_minor > 0) as count, sum(amount_minor)::bigint as amount_minor,
       sum(coupon_minor)::bigint as coupon_minor
from merchants.takings
where shop_id = :shop_id and business_date between :first_date and :last_date group by till_id;

-- name: insert_store(shop_id, merchant_id, branch, former_name)!
-- The shop is one of a merchant's stores; a repeat changes nothing.
insert into merchants.stores (shop_id, merchant_id, branch, former_name)
values (:shop_id, :merchant_id, :branch, :former_name) on conflict do nothing;

-- name: remove_store(shop_id)^
-- The shop stands alone again; what it was called before it was joined.
delete from merchants.stores where shop_id = :shop_id returning former_name;

-- name: is_reviewed(id)$
-- Whether an operator has looked at a shop.
select reviewed from merchants.shops where id = :id;

-- name: set_profile(id, name, trade, place, picture, photo_id, area_id)!
-- What a shop says of itself.
update merchants.shops set name = :name, trade = :trade, place = :place, picture = :picture, photo_id = :photo_id, area_id = :area_id
where id = :id;

-- name: set_name(id, name)!
-- Another name.
update merchants.shops set name = :name where id = :id;

-- name: insert_change(id, shop_id, state, before, change, by_id, at)!
-- An owner's change, made or waiting for a look.
insert into merchants.profile_changes (id, shop_id, state, before, change, asked_by, asked_at)
values (:id, :shop_id, :state, :before, :change, :by_id, :at);

-- name: changes_since(shop_id, at)$
-- How many changes of a shop were asked for since then.
select count(*) from merchants.profile_changes where shop_id = :shop_id and asked_at > :at;

-- name: waiting_changes(shop_ids)
-- What waits for a look at those shops, one each.
select id, shop_id, change, asked_at from merchants.profile_changes
where shop_id = any(:shop_ids::uuid[]) and state = 'waiting';

-- name: decide_change(id, state, by_id, at)!
-- What became of a change that waited.
update merchants.profile_changes set state = :state, decided_by = :by_id, decided_at = :at where id = :id and state = 'waiting';

-- name: merchant_of(shop_id)$
-- The first shop of the merchant whose store this is, if it is one of several.
select merchant_id from merchants.stores where shop_id = :shop_id;

-- name: several(owner_id)
-- A person's shops that are one of several.
select t.shop_id from merchants.stores t join merchants.shops s on s.id = t.shop_id where s.owner_id = :owner_id;

-- name: branches(merchant_id)
-- The stores beside a merchant's first shop, those included that are being opened.
select shop_id, branch from merchants.stores where merchant_id = :merchant_id and shop_id <> :merchant_id order by shop_id;

-- name: stores_of(merchant_id)
-- The stores of a merchant that are open or closed, its first shop first.
select s.id, s.name, s.trade, s.place, s.picture, s.photo_id, s.state, s.owner_id, t.branch
from merchants.stores t join merchants.shops s on s.id = t.shop_id
where t.merchant_id = :merchant_id and s.state <> 'opening' order by s.id <> :merchant_id, s.opened_at, s.id;

-- name: shop_sums(shop_ids, first_date, last_date)
-- What each of those shops took in those days.
select shop_id, count(*) filter (where amount_minor > 0) as count, sum(amount_minor)::bigint as amount_minor,
       sum(coupon_minor)::bigint as coupon_minor
from merchants.takings
where shop_id = any(:shop_ids::uuid[]) and business_date between :first_date and :last_date group by shop_id;
