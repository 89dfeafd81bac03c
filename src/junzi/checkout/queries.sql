-- name: insert_orders(ids, shop_ids, payer_ids, amounts_minor, at, expires_at, business_date)!
-- Purchases, open to be paid.
insert into checkout.orders (id, shop_id, payer_id, amount_minor, state, created_at, expires_at, business_date)
select o.id, o.shop_id, o.payer_id, o.amount_minor, 'open', :at, :expires_at, :business_date
from unnest(:ids::uuid[], :shop_ids::uuid[], :payer_ids::uuid[], :amounts_minor::bigint[])
    as o (id, shop_id, payer_id, amount_minor);

-- name: order(id)^
-- One order.
select id, shop_id, payer_id, amount_minor, state, created_at, expires_at from checkout.orders where id = :id;

-- name: orders(ids)
-- Several orders.
select id, shop_id, payer_id, amount_minor, state, created_at, expires_at from checkout.orders where id = any(:ids::uuid[]);

-- name: order_locked(id)^
-- One order, held until the transaction ends.
select id, shop_id, payer_id, amount_minor, state, created_at, expires_at from checkout.orders where id = :id for update;

-- name: set_order(id, state)!
-- An order's next state.
update checkout.orders set state = :state where id = :id;

-- name: orders_locked(ids)
-- Several orders, held until the transaction ends; in one order for everybody.
select id, shop_id, payer_id, amount_minor, state, created_at, expires_at from checkout.orders
where id = any(:ids::uuid[]) order by id for update;

-- name: set_orders(ids, state)!
-- The next state of several orders; they are held in the one order of everybody, lest two wait for each other.
update checkout.orders o set state = :state
from (select id from checkout.orders where id = any(:ids::uuid[]) order by id for update) held where o.id = held.id;

-- name: insert_payments(ids, order_ids, shop_ids, payer_ids, numbers, amounts_minor, coupons_minor, paid_minor, fees_minor, fundings, card_ids, room_dates, at, try_at, business_date)!
-- Tries to pay.
insert into checkout.payments
    (id, order_id, shop_id, payer_id, number, state, amount_minor, coupon_minor, paid_minor, fee_minor, funding, card_id, room_date,
     created_at, try_at, business_date)
select p.id, p.order_id, p.shop_id, p.payer_id, p.number, 'processing', p.amount_minor, p.coupon_minor, p.paid_minor, p.fee_minor,
    p.funding, p.card_id, p.room_date, :at, :try_at, :business_date
from unnest(:ids::uuid[], :order_ids::uuid[], :shop_ids::uuid[], :payer_ids::uuid[], :numbers::text[], :amounts_minor::bigint[],
    :coupons_minor::bigint[], :paid_minor::bigint[], :fees_minor::bigint[], :fundings::text[], :card_ids::uuid[], :room_dates::date[])
    p (id, order_id, shop_id, payer_id, number, amount_minor, coupon_minor, paid_minor, fee_minor, funding, card_id, room_date);

-- name: insert_payment_coupons(payment_ids, places, coupon_ids, campaign_ids, worths, saved)!
-- Their coupons, each at its place in the order of use.
insert into checkout.payment_coupons (payment_id, place, coupon_id, campaign_id, worth_minor, saved_minor)
select payment_id, place, coupon_id, campaign_id, worth_minor, saved_minor
from unnest(:payment_ids::uuid[], :places::integer[], :coupon_ids::uuid[], :campaign_ids::uuid[], :worths::bigint[], :saved::bigint[])
    as k (payment_id, place, coupon_id, campaign_id, worth_minor, saved_minor);

-- name: payments(ids)
-- Several payments with their coupons.
select id, order_id, shop_id, payer_id, number, state, amount_minor, coupon_minor, paid_minor, fee_minor, funding, card_id, reason, created_at, room_date,
    case when coupon_minor = 0 then '[]' else (
        select jsonb_agg(jsonb_build_object('coupon_id', k.coupon_id, 'campaign_id', k.campaign_id,
            'worth_minor', k.worth_minor, 'saved_minor', k.saved_minor) order by k.place)
        from checkout.payment_coupons k where k.payment_id = id) end as coupons
from checkout.payments where id = any(:ids::uuid[]);

-- name: settle_payments(ids, state)
-- The outcome of those that are under way; they are held in the one order of everybody.
update checkout.payments p set state = :state, reason = null
from (select id from checkout.payments where id = any(:ids::uuid[]) and state = 'processing' order by id for update) held
where p.id = held.id returning p.id;

-- name: payment(id)^
-- One payment with its coupons.
select id, order_id, shop_id, payer_id, number, state, amount_minor, coupon_minor, paid_minor, fee_minor, funding, card_id, reason, created_at, room_date,
    case when coupon_minor = 0 then '[]' else (
        select jsonb_agg(jsonb_build_object('coupon_id', k.coupon_id, 'campaign_id', k.campaign_id,
            'worth_minor', k.worth_minor, 'saved_minor', k.saved_minor) order by k.place)
        from checkout.payment_coupons k where k.payment_id = id) end as coupons
from checkout.payments where id = :id;

-- name: payment_locked(id)^
-- One payment with its coupons, held until the transaction ends.
select id, order_id, shop_id, payer_id, number, state, amount_minor, coupon_minor, paid_minor, fee_minor, funding, card_id, reason, created_at, room_date,
    case when coupon_minor = 0 then '[]' else (
        select jsonb_agg(jsonb_build_object('coupon_id', k.coupon_id, 'campaign_id', k.campaign_id,
            'worth_minor', k.worth_minor, 'saved_minor', k.saved_minor) order by k.place)
        from checkout.payment_coupons k where k.payment_id = id) end as coupons
from checkout.payments where id = :id for update;

-- name: standing_payments(order_ids)
-- Of each of these orders the payment that was not refused.
select id, order_id, shop_id, payer_id, number, state, amount_minor, coupon_minor, paid_minor, fee_minor, funding, card_id, reason, created_at, room_date,
    case when coupon_minor = 0 then '[]' else (
        select jsonb_agg(jsonb_build_object('coupon_id', k.coupon_id, 'campaign_id', k.campaign_id,
            'worth_minor', k.worth_minor, 'saved_minor', k.saved_minor) order by k.place)
        from checkout.payment_coupons k where k.payment_id = id) end as coupons
from checkout.payments where order_id = any(:order_ids::uuid[]) and state <> 'refused';

-- name: set_payment(id, state, reason)!
-- The outcome.
update checkout.payments set state = :state, reason = :reason where id = :id;

-- name: payments_to_try(at, most)
-- Payments that were interrupted or wait for a bank.
select id from checkout.payments where state = 'processing' and try_at <= :at order by try_at limit :most;

-- name: postpone_payment(id, try_at)!
-- Try again later.
update checkout.payments set try_at = :try_at where id = :id;

-- name: latest_payments(most)
-- The newest payments of all shops.
select id, number, payer_id, shop_id, amount_minor, coupon_minor, funding, state, created_at
from checkout.payments order by created_at desc limit :most;

-- name: insert_refund(id, payment_id, shop_id, payer_id, amount_minor, payer_minor, coupon_minor, fee_minor, reason, at, try_at, business_date)!
-- An intent to give money back.
insert into checkout.refunds
    (id, payment_id, shop_id, payer_id, state, amount_minor, payer_minor, coupon_minor, fee_minor, reason, created_at, try_at, business_date)
values
    (:id, :payment_id, :shop_id, :payer_id, 'processing', :amount_minor, :payer_minor, :coupon_minor, :fee_minor, :reason, :at, :try_at,
     :business_date);

-- name: insert_refund_coupons(refund_id, places, amounts, backs)!
-- The parts of its coupons.
insert into checkout.refund_coupons (refund_id, place, amount_minor, back)
select :refund_id, place, amount_minor, back
from unnest(:places::integer[], :amounts::bigint[], :backs::boolean[]) as k (place, amount_minor, back);

-- name: refund(id)^
-- One refund with its coupons' parts.
select id, payment_id, shop_id, payer_id, state, amount_minor, payer_minor, coupon_minor, fee_minor, reason, paid_to, refusal, created_at,
    case when coupon_minor = 0 then '[]' else (
        select jsonb_agg(jsonb_build_object('place', k.place, 'amount_minor', k.amount_minor, 'back', k.back) order by k.place)
        from checkout.refund_coupons k where k.refund_id = id) end as coupons
from checkout.refunds where id = :id;

-- name: refund_locked(id)^
-- One refund with its coupons' parts, held until the transaction ends.
select id, payment_id, shop_id, payer_id, state, amount_minor, payer_minor, coupon_minor, fee_minor, reason, paid_to, refusal, created_at,
    case when coupon_minor = 0 then '[]' else (
        select jsonb_agg(jsonb_build_object('place', k.place, 'amount_minor', k.amount_minor, 'back', k.back) order by k.place)
        from checkout.refund_coupons k where k.refund_id = id) end as coupons
from checkout.refunds where id = :id for update;

-- name: refunds_of(payment_id)
-- A payment's refunds, the oldest first.
select id, payment_id, shop_id, payer_id, state, amount_minor, payer_minor, coupon_minor, fee_minor, reason, paid_to, refusal, created_at,
    case when coupon_minor = 0 then '[]' else (
        select jsonb_agg(jsonb_build_object('place', k.place, 'amount_minor', k.amount_minor, 'back', k.back) order by k.place)
        from checkout.refund_coupons k where k.refund_id = id) end as coupons
from checkout.refunds where payment_id = :payment_id order by id;

-- name: refund_sums(payment_id)^
-- What a payment's refunds come to that stand or are under way: how many, of the payer's part, of the fee, and of each coupon's.
select count(*) as count, coalesce(sum(payer_minor), 0)::bigint as payer_minor, coalesce(sum(fee_minor), 0)::bigint as fee_minor,
    array(
        select coalesce((
            select sum(k.amount_minor) from checkout.refund_coupons k join checkout.refunds r on r.id = k.refund_id
            where r.payment_id = p.payment_id and r.state <> 'refused' and k.place = p.place
        ), 0)::bigint
        from checkout.payment_coupons p where p.payment_id = :payment_id order by p.place
    ) as coupons
from checkout.refunds where payment_id = :payment_id and state <> 'refused';

-- name: set_refund(id, state, paid_to, refusal)!
-- The outcome.
update checkout.refunds set state = :state, paid_to = :paid_to, refusal = :refusal where id = :id;

-- name: refunds_to_try(at, most)
-- Refunds that were interrupted or wait for a bank.
select id from checkout.refunds where state = 'processing' and try_at <= :at order by try_at limit :most;

-- name: postpone_refund(id, try_at)!
-- Try again later.
update checkout.refunds set try_at = :try_at where id = :id;
