-- name: insert_order(id, shop_id, payer_id, amount_minor, at, expires_at, business_date)!
-- A purchase, open to be paid.
insert into checkout.orders (id, shop_id, payer_id, amount_minor, state, created_at, expires_at, business_date)
values (:id, :shop_id, :payer_id, :amount_minor, 'open', :at, :expires_at, :business_date);

-- name: order(id)^
-- One order.
select id, shop_id, payer_id, amount_minor, state, created_at, expires_at from checkout.orders where id = :id;

-- name: order_locked(id)^
-- One order, held until the transaction ends.
select id, shop_id, payer_id, amount_minor, state, created_at, expires_at from checkout.orders where id = :id for update;

-- name: set_order(id, state)!
-- An order's next state.
update checkout.orders set state = :state where id = :id;

-- name: insert_payment(id, order_id, shop_id, payer_id, number, amount_minor, coupon_id, coupon_campaign_id, coupon_worth_minor, coupon_minor, paid_minor, funding, card_id, at, try_at, business_date)!
-- A try to pay.
insert into checkout.payments
    (id, order_id, shop_id, payer_id, number, state, amount_minor, coupon_id, coupon_campaign_id, coupon_worth_minor, coupon_minor,
     paid_minor, funding, card_id, created_at, try_at, business_date)
values
    (:id, :order_id, :shop_id, :payer_id, :number, 'processing', :amount_minor, :coupon_id, :coupon_campaign_id,
     :coupon_worth_minor, :coupon_minor, :paid_minor, :funding, :card_id, :at, :try_at, :business_date);

-- name: payment(id)^
-- One payment.
select id, order_id, shop_id, payer_id, number, state, amount_minor, coupon_id, coupon_campaign_id, coupon_worth_minor,
       coupon_minor, paid_minor, funding, card_id, reason, created_at
from checkout.payments where id = :id;

-- name: payment_locked(id)^
-- One payment, held until the transaction ends.
select id, order_id, shop_id, payer_id, number, state, amount_minor, coupon_id, coupon_campaign_id, coupon_worth_minor,
       coupon_minor, paid_minor, funding, card_id, reason, created_at
from checkout.payments where id = :id for update;

-- name: standing_payment(order_id)^
-- The order's payment that was not refused.
select id, order_id, shop_id, payer_id, number, state, amount_minor, coupon_id, coupon_campaign_id, coupon_worth_minor,
       coupon_minor, paid_minor, funding, card_id, reason, created_at
from checkout.payments where order_id = :order_id and state <> 'refused';

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

-- name: insert_refund(id, payment_id, shop_id, payer_id, amount_minor, payer_minor, coupon_minor, coupon_back, reason, at, try_at, business_date)!
-- An intent to give money back.
insert into checkout.refunds
    (id, payment_id, shop_id, payer_id, state, amount_minor, payer_minor, coupon_minor, coupon_back, reason,
     created_at, try_at, business_date)
values
    (:id, :payment_id, :shop_id, :payer_id, 'processing', :amount_minor, :payer_minor, :coupon_minor, :coupon_back, :reason,
     :at, :try_at, :business_date);

-- name: refund(id)^
-- One refund.
select id, payment_id, shop_id, payer_id, state, amount_minor, payer_minor, coupon_minor, coupon_back, reason, paid_to, refusal,
       created_at
from checkout.refunds where id = :id;

-- name: refund_locked(id)^
-- One refund, held until the transaction ends.
select id, payment_id, shop_id, payer_id, state, amount_minor, payer_minor, coupon_minor, coupon_back, reason, paid_to, refusal,
       created_at
from checkout.refunds where id = :id for update;

-- name: refunds_of(payment_id)
-- A payment's refunds, the oldest first.
select id, payment_id, shop_id, payer_id, state, amount_minor, payer_minor, coupon_minor, coupon_back, reason, paid_to, refusal,
       created_at
from checkout.refunds where payment_id = :payment_id order by id;

-- name: refund_sums(payment_id)^
-- What a payment's refunds come to that stand or are under way.
select count(*) as count, coalesce(sum(payer_minor), 0)::bigint as payer_minor, coalesce(sum(coupon_minor), 0)::bigint as coupon_minor
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
