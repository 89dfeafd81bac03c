-- name: insert_topup(id, person_id, card_id, amount_minor, at, try_at, business_date)!
-- An intent to top up.
insert into wallet.topups (id, person_id, card_id, amount_minor, state, created_at, try_at, business_date)
values (:id, :person_id, :card_id, :amount_minor, 'processing', :at, :try_at, :business_date);

-- name: topup(id)^
-- One top-up.
select id, person_id, card_id, amount_minor, state, reason from wallet.topups where id = :id;

-- name: topup_locked(id)^
-- One top-up, held until the transaction ends.
select id, person_id, card_id, amount_minor, state, reason from wallet.topups where id = :id for update;

-- name: set_topup(id, state, reason)!
-- The outcome.
update wallet.topups set state = :state, reason = :reason where id = :id;

-- name: topups_to_try(at, most)
-- Top-ups whose outcome is due to be asked for.
select id from wallet.topups where state = 'processing' and try_at <= :at order by try_at limit :most;

-- name: postpone_topup(id, try_at)!
-- Try again later.
update wallet.topups set try_at = :try_at where id = :id;

-- name: insert_transfer(id, payer_id, payee_id, amount_minor, note, at, try_at, business_date)!
-- An intent to transfer.
insert into wallet.transfers (id, payer_id, payee_id, amount_minor, note, state, created_at, try_at, business_date)
values (:id, :payer_id, :payee_id, :amount_minor, :note, 'processing', :at, :try_at, :business_date);

-- name: transfer(id)^
-- One transfer.
select id, payer_id, payee_id, amount_minor, note, state, reason from wallet.transfers where id = :id;

-- name: transfer_locked(id)^
-- One transfer, held until the transaction ends.
select id, payer_id, payee_id, amount_minor, note, state, reason from wallet.transfers where id = :id for update;

-- name: set_transfer(id, state, reason)!
-- The outcome.
update wallet.transfers set state = :state, reason = :reason where id = :id;

-- name: transfers_to_try(at, most)
-- Transfers that were interrupted.
select id from wallet.transfers where state = 'processing' and try_at <= :at order by try_at limit :most;

-- name: postpone_transfer(id, try_at)!
-- Try again later.
update wallet.transfers set try_at = :try_at where id = :id;

-- name: insert_bills(person_ids, ids, kinds, amounts_minor, discounts_minor, counterparties, notes, ats, business_dates, order_ids, move_balance)!
-- Movements of people's money; a repeat changes nothing.
insert into wallet.bills
    (person_id, id, kind, amount_minor, discount_minor, counterparty, note, at, business_date, order_id, moves_balance)
select * from unnest(:person_ids::uuid[], :ids::uuid[], :kinds::text[], :amounts_minor::bigint[], :discounts_minor::bigint[],
    :counterparties::jsonb[], :notes::text[], :ats::timestamptz[], :business_dates::date[], :order_ids::uuid[],
    :move_balance::boolean[])
on conflict do nothing;

-- name: bills(person_id, before, most)
-- A person's movements before that one, the newest first.
select id, kind, amount_minor, discount_minor, counterparty, note, at, order_id, moves_balance from wallet.bills
where person_id = :person_id and (:before::uuid is null or id < :before) order by id desc limit :most;

-- name: saved_since(person_id, business_date)$
-- What coupons saved the person in payments since that day, less what refunds took back of these.
select coalesce(sum(discount_minor), 0)::bigint from wallet.bills
where person_id = :person_id and discount_minor <> 0 and order_id in (
    select order_id from wallet.bills
    where person_id = :person_id and kind = 'payment' and business_date >= :business_date and discount_minor > 0);
