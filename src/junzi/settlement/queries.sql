-- name: bank_account(shop_id)^
-- Where a shop's money goes.
select shop_id, card_id, automatic, since, looked_on from settlement.bank_accounts where shop_id = :shop_id;

-- name: bank_account_locked(shop_id)^
-- The same, held until the transaction ends.
select shop_id, card_id, automatic, since, looked_on from settlement.bank_accounts where shop_id = :shop_id for update;

-- name: put_bank_account(shop_id, card_id, at, looked_on)!
-- A shop's money goes there from now on; whether every morning stays as it was, and begins as yes.
insert into settlement.bank_accounts as b (shop_id, card_id, automatic, since, looked_on)
values (:shop_id, :card_id, true, :at, :looked_on)
on conflict (shop_id) do update
set card_id = excluded.card_id, since = excluded.since, looked_on = greatest(b.looked_on, excluded.looked_on);

-- name: set_automatic(shop_id, automatic, looked_on)!
-- Every morning, or only by hand; a morning that is over is not made up for.
update settlement.bank_accounts set automatic = :automatic, looked_on = greatest(looked_on, :looked_on)
where shop_id = :shop_id and automatic <> :automatic;

-- name: remove_bank_account(shop_id)!
-- A shop's money goes nowhere.
delete from settlement.bank_accounts where shop_id = :shop_id;

-- name: insert_bank_account_change(id, shop_id, card_id, by_id, at)!
-- Write down who changed where a shop's money goes.
insert into settlement.bank_account_changes (id, shop_id, card_id, by_id, at) values (:id, :shop_id, :card_id, :by_id, :at);

-- name: bank_accounts_due(morning, most)
-- Shops whose morning was not looked at yet.
select shop_id from settlement.bank_accounts where automatic and looked_on < :morning order by looked_on, shop_id limit :most;

-- name: set_looked(shop_id, morning)!
-- That day's morning was looked at.
update settlement.bank_accounts set looked_on = :morning where shop_id = :shop_id;

-- name: look_again(shop_id, morning)!
-- That day's morning is to be looked at once more, since its payout moved nothing.
update settlement.bank_accounts set looked_on = looked_on - 1 where shop_id = :shop_id and looked_on = :morning;

-- name: insert_payout(id, shop_id, card_id, asked_by, amount_minor, at, try_at, business_date)!
-- An intent to pay out.
insert into settlement.payouts (id, shop_id, card_id, asked_by, state, amount_minor, created_at, try_at, business_date)
values (:id, :shop_id, :card_id, :asked_by, 'processing', :amount_minor, :at, :try_at, :business_date);

-- name: payout(id)^
-- One payout.
select id, shop_id, card_id, asked_by, state, amount_minor, reason, created_at, finished_at
from settlement.payouts where id = :id;

-- name: payout_locked(id)^
-- One payout, held until the transaction ends.
select id, shop_id, card_id, asked_by, state, amount_minor, reason, created_at, finished_at
from settlement.payouts where id = :id for update;

-- name: payouts(shop_id, before, most)
-- A shop's payouts before that one, the newest first.
select id, shop_id, card_id, asked_by, state, amount_minor, reason, created_at, finished_at
from settlement.payouts where shop_id = :shop_id and (:before::uuid is null or id < :before) order by id desc limit :most;

-- name: latest_payouts(most)
-- The newest payouts of all shops.
select id, shop_id, card_id, asked_by, state, amount_minor, reason, created_at, finished_at
from settlement.payouts order by created_at desc, id limit :most;

-- name: set_payout(id, state, reason, at)!
-- The outcome.
update settlement.payouts set state = :state, reason = :reason, finished_at = :at where id = :id;

-- name: payouts_to_try(at, most)
-- Payouts that were interrupted or wait for a bank.
select id from settlement.payouts where state = 'processing' and try_at <= :at order by try_at limit :most;

-- name: postpone_payout(id, try_at)!
-- Try again later.
update settlement.payouts set try_at = :try_at where id = :id;
